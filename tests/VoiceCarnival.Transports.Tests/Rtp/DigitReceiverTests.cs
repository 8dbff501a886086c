using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

public sealed class DigitReceiverTests
{
    private readonly DigitReceiver _keys = new();

    [Fact]
    public void Straggler_IsNoNewKey()
    {
        Assert.Equal('1', Press(8000, '1'));
        Assert.Equal('2', Press(16_000, '2'));

        Assert.Null(Press(8000, '1'));
    }

    [Fact]
    public void OtherSource_BeginsAnew_HoweverItCounts()
    {
        Assert.Equal('1', Press(3_000_000_000, '1'));
        _keys.Reset();

        Assert.Equal('2', Press(2_999_999_000, '2'));
        Assert.Equal('3', Press(2_999_999_400, '3'));
    }

    [Fact]
    public void TimestampsThatJumpBack_AreNotWaitedFor()
    {
        Assert.Equal('1', Press(3_000_000_000, '1'));

        Assert.Equal('2', Press(1_000_000_000, '2'));
    }

    [Fact]
    public void PacketsOfAKeyThatIsTold_SayThatItIsHeld()
    {
        Assert.Equal('1', Press(8000, '1'));
        Assert.Equal('1', _keys.Held);

        Assert.Null(Press(8000, '1'));
        Assert.Equal('1', _keys.Held);

        Press(16_000, '2');
        Press(8000, '1');
        Assert.Null(_keys.Held);
    }

    private char? Press(uint timestamp, char key)
    {
        Span<byte> payload = stackalloc byte[TelephoneEvent.Length];
        new TelephoneEvent(TelephoneEvent.CodeOf(key)!.Value, false, 10, 160).Write(payload);
        return _keys.Receive(timestamp, payload);
    }
}

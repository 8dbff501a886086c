using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Tests.Rtp;

public sealed class TelephoneEventTests
{
    // RFC 4733, section 2.5.1.6 (table 6): the key 9 at volume 7, its second packet and its last.
    [Theory]
    [InlineData("090700A0", '9', false, 160)]
    [InlineData("09870640", '9', true, 1600)]
    [InlineData("0B0A0140", '#', false, 320)]
    public void Rfc4733_Payload_RoundTrips(string hex, char digit, bool isEnd, int duration)
    {
        var bytes = Hex.Bytes(hex);
        Assert.True(TelephoneEvent.TryRead(bytes, out var read));
        Assert.Equal((digit, isEnd, (ushort)duration), (read.Digit!.Value, read.IsEnd, read.Duration));
        Assert.Equal(read.Code, TelephoneEvent.CodeOf(digit));
        var written = new byte[TelephoneEvent.Length];
        read.Write(written);
        Assert.Equal(bytes, written);
        for (int part = 0; part < bytes.Length; part++)
            Assert.False(TelephoneEvent.TryRead(bytes.AsSpan(0, part), out _));
    }

    [Fact]
    public void ReservedBitAndTrailingBytes_AreIgnored()
    {
        Assert.True(TelephoneEvent.TryRead(Hex.Bytes("0147FFFF 00"), out var read));
        Assert.Equal(new TelephoneEvent(1, false, 7, 65_535), read);
    }

    [Fact]
    public void OtherSignals_AreNoDigits()
    {
        Assert.Null(new TelephoneEvent(16, false, 0, 0).Digit);
        Assert.Null(TelephoneEvent.CodeOf('x'));
        Assert.Equal((byte)12, TelephoneEvent.CodeOf('a'));
    }
}

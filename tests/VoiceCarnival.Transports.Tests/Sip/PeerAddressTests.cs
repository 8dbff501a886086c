using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class PeerAddressTests
{
    private const string Named = "192.0.2.9:4000";
    private const string OtherPort = "192.0.2.9:4444";
    private const string CallersPort = "198.51.100.7:33333";
    private const string Stranger = "203.0.113.66:5555";
    private readonly PeerAddress _peer = new(AddressFamily.InterNetwork);
    private readonly Dictionary<string, ushort> _numbers = [];
    private long _now = 1_000_000;

    public PeerAddressTests() => _peer.Agree(IPEndPoint.Parse(Named), IPAddress.Parse("198.51.100.7"));

    [Fact]
    public void NamedAddress_IsThePeer_FromTheFirstPacketOn()
    {
        Assert.Equal(Named, _peer.Target!.ToString());
        Assert.Equal([true, true], Send(Named, 2));
        Assert.Equal(Named, _peer.Target.ToString());
    }

    [Theory]
    [InlineData(OtherPort)]
    [InlineData(CallersPort)]
    [InlineData(Stranger)] // media from a machine of its own, behind a translator
    public void OtherAddress_IsBelievedAtItsThirdPacketInARow(string address)
    {
        Assert.Equal([false, false, true, true], Send(address, 4));
        Assert.Equal(address, _peer.Target!.ToString());
    }

    [Fact]
    public void PacketsOutOfRow_AreNotBelieved()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal([false, false], Send(Stranger, 2));
            _numbers[Stranger] += 2;
        }

        Assert.Equal(Named, _peer.Target!.ToString());
    }

    [Theory]
    [InlineData(OtherPort)]
    [InlineData(CallersPort)]
    [InlineData(Stranger)]
    public void WhoWasThereBeforeTheNamedAddress_HasToGoAtItsFirstPacket(string before)
    {
        Send(before, 50);
        Assert.Equal([true], Send(Named, 1));
        Assert.Equal(Named, _peer.Target!.ToString());

        Assert.DoesNotContain(true, Send(before, 50));
        Assert.Equal(Named, _peer.Target.ToString());
        Assert.Equal([true], Send(Named, 1));
    }

    [Fact]
    public void Stranger_DoesNotTakeThePlaceOfTheNamedAddress_HoweverLongThatIsSilent()
    {
        Send(Named, 50);
        _now += 60_000;
        _peer.Renew();

        Assert.DoesNotContain(true, Send(Stranger, 50));
        Assert.Equal(Named, _peer.Target!.ToString());
    }

    [Theory]
    [InlineData(OtherPort)]
    [InlineData(CallersPort)]
    public void TranslatorThatForgotTheNamedAddress_MayMakeAnother_AfterASilence(string next)
    {
        Send(Named, 50);
        Assert.DoesNotContain(true, Send(next, 20));
        _now += PeerAddress.Silence;

        Assert.Equal([false, false, true, true], Send(next, 4));
        Assert.Equal(next, _peer.Target!.ToString());
        Assert.Equal([true], Send(Named, 1));
        Assert.Equal(Named, _peer.Target.ToString());
    }

    [Theory]
    [InlineData(Named)]
    [InlineData(CallersPort)]
    public void AgreementOnTheSameAddress_LetsThePeerMoveAtOnce(string before)
    {
        Send(before, 50);
        _peer.Renew();

        Assert.Equal([false, false, true], Send(OtherPort, 3));
        Assert.Equal(OtherPort, _peer.Target!.ToString());
    }

    [Fact]
    public void AgreementOnTheSameAddress_LetsNobodyMove_OnceThePeerIsHeardWhereItWas()
    {
        Send(Named, 50);
        _peer.Renew();
        Send(Named, 1);

        Assert.DoesNotContain(true, Send(OtherPort, 20));
    }

    [Fact]
    public void AgreementOnTheSameAddress_LetsNoStrangerTakeThePlaceOfAnother()
    {
        Send(Stranger, 50);
        _peer.Renew();

        Assert.DoesNotContain(true, Send("203.0.113.67:5555", 20));
    }

    [Theory]
    [InlineData(OtherPort)]
    [InlineData(CallersPort)]
    public void Stranger_GivesWayToAnAddressOfThePeer_AndNeverComesBack(string ofThePeer)
    {
        Send(Stranger, 50);
        Send(ofThePeer, 3);
        Assert.Equal(ofThePeer, _peer.Target!.ToString());
        _now += 60_000;
        Assert.DoesNotContain(true, Send(Stranger, 50));
    }

    [Fact]
    public void TranslatorThatForgot_MayMakeAnotherPort_AfterASilence()
    {
        const string next = "198.51.100.7:33334";
        Send(CallersPort, 3);
        Assert.DoesNotContain(true, Send(next, 20));
        _now += PeerAddress.Silence;
        Assert.Equal([false, false, true], Send(next, 3));
        Assert.Equal(next, _peer.Target!.ToString());
    }

    [Fact]
    public void NewAgreement_ForgetsWhatWasLearned()
    {
        Send(CallersPort, 3);
        _peer.Agree(IPEndPoint.Parse("192.0.2.9:4002"), null);
        Assert.Equal("192.0.2.9:4002", _peer.Target!.ToString());
        Assert.Equal([true], Send("192.0.2.9:4002", 1));
        Assert.DoesNotContain(true, Send(CallersPort, 20));
    }

    [Fact]
    public void PeerThatNamesNoAddress_IsSentNothing_UntilItIsHeard()
    {
        _peer.Agree(null, IPAddress.Parse("198.51.100.7"));
        Assert.Null(_peer.Target);

        Send(Stranger, 3);
        // Where the call comes from counts for more.
        Assert.Equal([false, false, true], Send(CallersPort, 3));
        Assert.Equal(CallersPort, _peer.Target!.ToString());
    }

    [Fact]
    public void ProofByAKey_IsEnough()
    {
        Assert.True(_peer.TryTake(IPEndPoint.Parse(Stranger).Serialize(), new SequenceNumber(1), isAuthentic: true, _now));
        Assert.Equal(Stranger, _peer.Target!.ToString());
    }

    [Theory]
    [InlineData(Named)]
    [InlineData(CallersPort)]
    public void ProofByAKey_IsEnough_InPlaceOfWhoeverIsHeard(string before)
    {
        Assert.True(_peer.TryTake(IPEndPoint.Parse(before).Serialize(), new SequenceNumber(1), isAuthentic: true, _now));

        Assert.True(_peer.TryTake(IPEndPoint.Parse(Stranger).Serialize(), new SequenceNumber(2), isAuthentic: true, _now + 20));
        Assert.Equal(Stranger, _peer.Target!.ToString());
    }

    // The buffer that a receiver uses again must not be kept.
    private readonly SocketAddress _reused = new(AddressFamily.InterNetwork);

    private bool[] Send(string from, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ =>
        {
            var address = IPEndPoint.Parse(from).Serialize();
            _reused.Size = address.Size;
            address.Buffer.Span[..address.Size].CopyTo(_reused.Buffer.Span);
            ushort number = _numbers[from] = (ushort)(_numbers.GetValueOrDefault(from, (ushort)65_534) + 1);
            _now += 20;
            return _peer.TryTake(_reused, new SequenceNumber(number), isAuthentic: false, _now);
        }),
    ];
}

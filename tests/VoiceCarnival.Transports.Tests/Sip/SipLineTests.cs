using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class SipLineTests
{
    [Theory]
    [InlineData(MediaDirection.ReceiveOnly, MediaDirection.ReceiveOnly, true)] // one way from the start, and refreshed
    [InlineData(MediaDirection.SendReceive, MediaDirection.ReceiveOnly, false)] // on hold
    [InlineData(MediaDirection.Inactive, MediaDirection.ReceiveOnly, false)]
    [InlineData(MediaDirection.ReceiveOnly, MediaDirection.Inactive, false)]
    [InlineData(MediaDirection.ReceiveOnly, MediaDirection.SendReceive, true)]
    public void PeerThatOnlySends_IsListenedTo_UnlessItHasPutUsOnHold(MediaDirection first, MediaDirection then, bool isHeard)
    {
        using var line = Open();

        line.Agree(AgreementOn(first));
        line.Agree(AgreementOn(then));

        Assert.Equal(isHeard, line.Listens);
    }

    [Fact]
    public void HoldThatIsRefreshed_StaysAHold()
    {
        using var line = Open();
        line.Agree(AgreementOn(MediaDirection.SendReceive));

        for (int i = 0; i < 3; i++)
        {
            line.Agree(AgreementOn(MediaDirection.ReceiveOnly));
            Assert.False(line.Listens);
        }
    }

    private static SipLine Open() => new(Bound(), Bound(), IPAddress.Loopback);

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static AudioAgreement AgreementOn(MediaDirection direction)
    {
        var map = new RtpMap(PayloadType.Pcmu, RtpCodec.Pcmu);
        return new AudioAgreement { Host = "127.0.0.1", Port = 4000, RtcpPort = 4001, Codec = map, Receives = [map], Direction = direction, PacketTime = 20 };
    }
}

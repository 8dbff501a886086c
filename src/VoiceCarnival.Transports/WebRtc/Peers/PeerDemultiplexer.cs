using System.Net;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// Finds the peer that a datagram is for (RFC 7983). A stranger's costs a look into a table: nothing is answered, kept or computed for one without a fragment that we gave out,
/// and media and handshakes are read only from where a check came whose signature was right.
/// </summary>
internal sealed class PeerDemultiplexer(PeerServices services) : IDatagramReceiver
{
    public void Receive(UdpSocket socket, Span<byte> datagram, SocketAddress remote)
    {
        var kind = DatagramKinds.Of(datagram);
        if (kind == DatagramKind.Unknown)
            return;
        var key = RemoteKey.Of(socket.Number, remote);
        if (kind == DatagramKind.Stun)
        {
            if (StunMessage.TryRead(datagram, out var message) == StunError.None)
                services.Table.Find(message)?.ReceiveCheck(message, socket, remote, key);
            return;
        }

        if (!services.Table.TryFind(key, out var peer))
            return;
        switch (kind)
        {
            case DatagramKind.Dtls:
                peer.ReceiveDtls(datagram);
                break;
            case DatagramKind.Rtp:
                peer.ReceiveRtp(datagram);
                break;
            default:
                peer.ReceiveRtcp(datagram);
                break;
        }
    }
}

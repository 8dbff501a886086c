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
    public void Receive(IDatagramEnd end, Span<byte> datagram, SocketAddress remote)
    {
        if (Take(end, datagram, remote) is { } reason)
            services.Metrics.Dropped(reason);
    }

    private DropReason? Take(IDatagramEnd end, Span<byte> datagram, SocketAddress remote)
    {
        var kind = DatagramKinds.Of(datagram);
        if (kind == DatagramKind.Unknown)
            return DropReason.Unknown;
        var key = RemoteKey.Of(end.Number, remote);
        if (kind == DatagramKind.Stun)
        {
            if (StunMessage.TryRead(datagram, out var message) != StunError.None)
                return DropReason.Malformed;
            if (services.Table.Find(message) is not { } asked)
                return DropReason.Stranger;
            asked.ReceiveCheck(message, end, remote, key);
            return null;
        }

        if (!services.Table.TryFind(key, out var peer))
            return DropReason.Stranger;
        switch (kind)
        {
            case DatagramKind.Dtls:
                peer.ReceiveDtls(datagram);
                return null;
            case DatagramKind.Rtp:
                return peer.ReceiveRtp(datagram);
            default:
                return peer.ReceiveRtcp(datagram);
        }
    }
}

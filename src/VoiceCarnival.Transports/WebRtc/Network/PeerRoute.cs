using System.Net;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>A path to a peer with all that is needed to send along it.</summary>
/// <param name="End">Our end.</param>
/// <param name="Remote">The peer's, a copy of its own.</param>
/// <param name="Path">The same as ICE names it.</param>
/// <param name="Key">The same as it is looked up.</param>
internal sealed record PeerRoute(IDatagramEnd End, SocketAddress Remote, IcePath Path, RemoteKey Key)
{
    /// <summary>The path on which a datagram came.</summary>
    public static PeerRoute Of(IDatagramEnd end, SocketAddress remote)
    {
        var copy = new SocketAddress(remote.Family, remote.Size);
        remote.Buffer.Span[..remote.Size].CopyTo(copy.Buffer.Span);
        var endPoint = (IPEndPoint)new IPEndPoint(remote.Family == System.Net.Sockets.AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0).Create(copy);
        return new PeerRoute(end, copy, new IcePath(end.Transport, end.Local, endPoint), RemoteKey.Of(end.Number, remote));
    }

    /// <summary>Sends along it.</summary>
    public void Send(ReadOnlySpan<byte> datagram) => End.Send(datagram, Remote);
}

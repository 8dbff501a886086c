using System.Net;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>Takes datagrams from this machine's own addresses; the rest are dropped before anything looks into them. A system does not let datagrams in that only claim to be its own.</summary>
/// <param name="inner">Takes what is let through.</param>
internal sealed class OwnDatagrams(IDatagramReceiver inner) : IDatagramReceiver
{
    private volatile IPAddress[] _addresses = [];

    /// <summary>What this machine's addresses are now.</summary>
    public void Know(IReadOnlyList<IPAddress> addresses) => _addresses = [.. addresses];

    /// <inheritdoc/>
    public void Receive(IDatagramEnd end, Span<byte> datagram, SocketAddress remote)
    {
        if (IsOwn(remote))
            inner.Receive(end, datagram, remote);
    }

    private bool IsOwn(SocketAddress remote)
    {
        Span<byte> own = stackalloc byte[16];
        bool isSix = remote.Family == System.Net.Sockets.AddressFamily.InterNetworkV6;
        // As the systems lay it out: an IPv4 address at 4, an IPv6 address at 8.
        var from = isSix ? remote.Buffer.Span.Slice(8, 16) : remote.Buffer.Span.Slice(4, 4);
        if (isSix ? from[15] == 1 && !from[..15].ContainsAnyExcept((byte)0) : from[0] == 127)
            return true;
        foreach (var address in _addresses)
        {
            if (address.TryWriteBytes(own, out int length) && from.SequenceEqual(own[..length]))
                return true;
        }

        return false;
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// The socket for UDP. Where it stands for all addresses of this machine it remembers by which of them each peer reaches us, and answers from there: NATs and
/// firewalls let nothing else through (RFC 3581, section 4).
/// </summary>
internal sealed class SipDatagrams : IDisposable
{
    private const int MostPeers = 10_000;
    private readonly ConcurrentDictionary<IPAddress, IPAddress> _reachedAt = new();
    private readonly Socket _socket;
    private readonly IPAddress _bound;
    private readonly IPEndPoint _anybody;
    private readonly SocketAddress _from;

    /// <summary>Opens it.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public SipDatagrams(IPAddress address, int port)
    {
        _bound = address;
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20, SendBufferSize = 1 << 20 };
        BothFamilies.Admit(_socket, address);
        _anybody = new IPEndPoint(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        _from = new SocketAddress(address.AddressFamily);
        IsForAll = address.Equals(_anybody.Address);
        try
        {
            _socket.Bind(new IPEndPoint(address, port));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>It was not bound to one address.</summary>
    public bool IsForAll { get; }

    /// <summary>The next datagram; one at a time.</summary>
    /// <exception cref="SocketException">An ICMP error of an earlier one that was sent; the socket goes on.</exception>
    public async ValueTask<(int Length, IPEndPoint Remote)> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!IsForAll)
        {
            int length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, _from, cancellationToken);
            return (length, (IPEndPoint)_anybody.Create(_from));
        }

        var datagram = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, _anybody, cancellationToken);
        var remote = ((IPEndPoint)datagram.RemoteEndPoint).Plain();
        Remember(remote.Address, datagram.PacketInformation.Address.Plain());
        return (datagram.ReceivedBytes, remote);
    }

    /// <summary>Which address of ours a peer reaches us at, as its last datagram showed; where there was none, that at which the way to it begins.</summary>
    public IPAddress LocalFor(IPAddress remote)
    {
        if (!IsForAll)
            return _bound;
        return _reachedAt.TryGetValue(remote, out var known) ? known : WayTo(remote);
    }

    /// <summary>Sends a datagram.</summary>
    /// <exception cref="SocketException">It cannot be sent.</exception>
    public void Send(ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        var from = IsForAll ? _reachedAt.GetValueOrDefault(to.Address) : null;
        if (_socket.AddressFamily == AddressFamily.InterNetworkV6 && to.AddressFamily == AddressFamily.InterNetwork)
            (to, from) = (new IPEndPoint(to.Address.MapToIPv6(), to.Port), from?.MapToIPv6());
        if (from is not null && SourceAddress.TrySend(_socket, datagram, to, from))
            return;
        _socket.SendTo(datagram, SocketFlags.None, to);
    }

    /// <summary>Whether an address is of a kind that this socket can send to.</summary>
    public bool Reaches(IPAddress address) => address.AddressFamily == _socket.AddressFamily || (_socket.AddressFamily == AddressFamily.InterNetworkV6 && _socket.DualMode);

    public void Dispose() => _socket.Dispose();

    private void Remember(IPAddress remote, IPAddress local)
    {
        if (_reachedAt.TryGetValue(remote, out var known) && known.Equals(local))
            return;
        if (_reachedAt.Count >= MostPeers)
            _reachedAt.Clear();
        _reachedAt[remote] = local;
    }

    // Nothing is sent: the system only looks up the way.
    private static IPAddress WayTo(IPAddress remote)
    {
        try
        {
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote, 9);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return IPAddress.Loopback;
        }
    }
}

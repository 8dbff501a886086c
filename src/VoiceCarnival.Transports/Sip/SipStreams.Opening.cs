using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Connections that we open: one to each place, for all that goes there.</summary>
internal sealed partial class SipStreams
{
    private readonly ConnectionPlaces _ownPlaces = new(MaxConnections, MaxConnectionsPerAddress);
    private readonly Lock _gate = new();
    private readonly Dictionary<(SipTransport, IPEndPoint), Task<SipStreamConnection?>> _opening = [];

    /// <summary>One that goes to an address: that which is there, or is being opened for others, or a new one.</summary>
    /// <returns>Null when the peer's certificate does not do, or there are too many.</returns>
    /// <exception cref="SocketException">Nobody answers.</exception>
    /// <exception cref="OperationCanceledException">Not in time.</exception>
    public Task<SipStreamConnection?> ConnectAsync(SipTarget target, IPAddress address)
    {
        var remote = new IPEndPoint(address, target.Port);
        lock (_gate)
        {
            // It may have been named by a name.
            if (Find(SipTarget.To(target.Transport, remote)) is { } there)
                return Task.FromResult<SipStreamConnection?>(there);
            if (!_opening.TryGetValue((target.Transport, remote), out var opening))
                _opening[(target.Transport, remote)] = opening = OpenAsync(remote, target);
            return opening;
        }
    }

    private async Task<SipStreamConnection?> OpenAsync(IPEndPoint remote, SipTarget target)
    {
        // Not before it is known that it is being opened.
        await Task.Yield();
        bool isPeer = door.IsPeer(remote.Address);
        bool hasPlace = _ownPlaces.TryTake(remote.Address, isPeer);
        SipStreamConnection? connection = null;
        try
        {
            if (hasPlace && await ReachAsync(remote, target) is var (socket, stream))
                connection = Add(stream, socket, remote, target.Transport);
        }
        finally
        {
            if (hasPlace && connection is null)
                _ownPlaces.Leave(remote.Address, isPeer);
            lock (_gate)
                _opening.Remove((target.Transport, remote));
        }

        if (connection is not null)
            _ = UseAsync(connection, isPeer);
        return connection;
    }

    private async Task<(Socket Socket, Stream Stream)?> ReachAsync(IPEndPoint remote, SipTarget target)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        deadline.CancelAfter(ConnectTime);
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(remote, deadline.Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return await OpenStreamAsync(socket, _names.GetValueOrDefault(remote) ?? target.Host, target.Transport, isServer: false) is { } stream ? (socket, stream) : null;
    }

    private async Task UseAsync(SipStreamConnection connection, bool isPeer)
    {
        try
        {
            await RunAsync(connection, isPeer, isOurs: true);
        }
        catch (Exception exception)
        {
            Log.ConnectionFailed(logger, exception);
        }
        finally
        {
            _ownPlaces.Leave(connection.Remote.Address, isPeer);
        }
    }
}

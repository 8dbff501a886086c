using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>
/// Takes TCP connections at one address of this machine, for callers whose network lets no UDP through. A connection that nobody has proved itself on costs a buffer for a
/// few seconds; of too many the oldest go.
/// </summary>
internal sealed partial class TcpListeningSocket : IMediaSocket
{
    private const int MostStrangers = 256;
    private const int MostConnections = 4096;
    private const int Backlog = 128;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Socket _socket;
    private readonly Func<int> _number;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly LinkedList<TcpConnection> _connections = new();
    private volatile bool _isClosed;

    /// <summary>Binds and listens.</summary>
    /// <exception cref="SocketException">The address is not this machine's, or the port is taken.</exception>
    public TcpListeningSocket(Func<int> number, IPEndPoint local, ILogger logger)
    {
        (_number, _logger) = (number, logger);
        _socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(local);
            _socket.Listen(Backlog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public IPEndPoint Local { get; }

    /// <inheritdoc/>
    public void Start(IDatagramReceiver receiver) => _ = AcceptAsync(receiver);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        _socket.Dispose();
        lock (_gate)
        {
            foreach (var connection in _connections)
                connection.Dispose();
        }
    }

    private async Task AcceptAsync(IDatagramReceiver receiver)
    {
        while (!_isClosed)
        {
            try
            {
                var socket = await _socket.AcceptAsync().ConfigureAwait(false);
                if (Admit(socket) is { } connection)
                    _ = ServeAsync(connection, receiver);
            }
            catch (SocketException exception) when (!_isClosed)
            {
                // Out of descriptors, most likely: those that there are go on.
                Log.NotAccepted(_logger, Local, exception.Message);
                await Task.Delay(100).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private TcpConnection? Admit(Socket socket)
    {
        try
        {
            var connection = new TcpConnection(_number(), socket);
            lock (_gate)
            {
                if (!_isClosed && _connections.Count < MostConnections)
                {
                    if (_connections.Count(static known => !known.IsHeld) >= MostStrangers)
                        Refuse(_connections.First(static known => !known.IsHeld));
                    _connections.AddLast(connection);
                    return connection;
                }
            }
        }
        catch (SocketException)
        {
            // It was gone before it was here.
        }

        socket.Dispose();
        return null;
    }

    private void Refuse(TcpConnection stranger)
    {
        // Its reader may take a moment to notice, in which others come.
        _connections.Remove(stranger);
        stranger.Dispose();
    }

    private async Task ServeAsync(TcpConnection connection, IDatagramReceiver receiver)
    {
        try
        {
            await connection.RunAsync(receiver, Patience).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A defect in what one datagram set off must cost this connection only.
            Log.ReceiverFailed(_logger, exception);
        }

        lock (_gate)
            _connections.Remove(connection);
    }

    private static partial class Log
    {
        [LoggerMessage(4002, LogLevel.Error, "What came over TCP could not be dealt with")]
        public static partial void ReceiverFailed(ILogger logger, Exception exception);

        [LoggerMessage(4003, LogLevel.Warning, "WebRTC cannot take a connection at TCP {Address}: {Reason}")]
        public static partial void NotAccepted(ILogger logger, IPEndPoint address, string reason);
    }
}

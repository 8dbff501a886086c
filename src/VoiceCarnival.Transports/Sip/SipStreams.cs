using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Connections by TCP and TLS, those that peers opened and ours; both bounded, in all and by address, and used again for what goes the same way.</summary>
/// <param name="options">Certificate, trusted authorities.</param>
/// <param name="door">Whom to let in.</param>
/// <param name="localFor">Which address of ours a peer is to use, by the one that the connection has.</param>
/// <param name="received">Called with what came, and whether a stream's framing is lost with it; then it is closed.</param>
/// <param name="logger">For defects.</param>
internal sealed partial class SipStreams(
    SipOptions options, SipDoor door, Func<IPAddress, IPAddress> localFor, Action<ReadOnlyMemory<byte>, SipPath, bool> received, ILogger logger) : IAsyncDisposable
{
    private const int MaxConnections = 1000;
    private const int MaxConnectionsPerAddress = 100;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<long, SipStreamConnection> _connections = new();
    private readonly ConnectionPlaces _places = new(MaxConnections, MaxConnectionsPerAddress);
    private readonly ConcurrentDictionary<IPEndPoint, string> _names = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile (Socket Socket, SipTransport Transport)[] _listeners = [];
    private readonly X509Certificate2Collection? _authorities = SipCertificate.Authorities(options);
    private readonly X509Certificate2? _certificate = SipCertificate.Load(options);
    private long _lastConnection;

    /// <summary>TLS can be listened for.</summary>
    public bool HasCertificate => _certificate is not null;

    /// <summary>Opens a port.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="SocketException">It is taken.</exception>
    public int Listen(IPEndPoint at, SipTransport transport)
    {
        var listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        BothFamilies.Admit(listener, at.Address);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            listener.Bind(at);
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }

        listener.Listen(512);
        _listeners = [.. _listeners, (listener, transport)];
        _ = AcceptAsync(listener, transport);
        return PortOf(listener);
    }

    /// <summary>The name that the certificate of a peer has to have.</summary>
    public void Name(IPEndPoint endPoint, string name)
    {
        if (_names.Count < MaxConnections)
            _names[endPoint] = name;
    }

    /// <summary>A connection that goes where a message has to; null when there is none.</summary>
    public SipStreamConnection? Find(SipTarget target)
    {
        if (target.Connection != 0 && _connections.TryGetValue(target.Connection, out var named) && named.Transport == target.Transport)
            return named;
        foreach (var connection in _connections.Values)
        {
            if (connection.Transport == target.Transport && connection.Remote.Port == target.Port && connection.Remote.Address.ToString() == target.Host)
                return connection;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var (listener, _) in _listeners)
            listener.Dispose();
        foreach (var connection in _connections.Values)
            connection.Dispose();
        _certificate?.Dispose();
    }

    private async Task AcceptAsync(Socket listener, SipTransport transport)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stopping.Token);
            }
            catch (SocketException)
            {
                // Gone again, or no descriptors are left: then the next try would fail as well.
                await Task.Delay(AfterFailure);
                continue;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            if ((socket.RemoteEndPoint as IPEndPoint)?.Plain() is not { } remote || !TryEnter(remote, out bool isPeer))
                socket.Dispose();
            else
                _ = ServeAsync(socket, remote, transport, isPeer);
        }
    }

    private bool TryEnter(IPEndPoint remote, out bool isPeer)
    {
        isPeer = door.IsPeer(remote.Address);
        return door.TakesConnection(remote, isPeer) && (_places.TryTake(remote.Address, isPeer) || door.Refuse(remote));
    }

    private async Task ServeAsync(Socket socket, IPEndPoint remote, SipTransport transport, bool isPeer)
    {
        try
        {
            if (await OpenStreamAsync(socket, remote.Address.ToString(), transport, isServer: true) is { } stream)
                await RunAsync(Add(stream, socket, remote, transport), isPeer, isOurs: false);
        }
        catch (Exception exception)
        {
            // A defect here must cost this connection only.
            Log.ConnectionFailed(logger, exception);
        }
        finally
        {
            socket.Dispose();
            _places.Leave(remote.Address, isPeer);
        }
    }

    private async Task<Stream?> OpenStreamAsync(Socket socket, string host, SipTransport transport, bool isServer)
    {
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (transport != SipTransport.Tls)
            return stream;
        var secure = new SslStream(stream);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            deadline.CancelAfter(ConnectTime);
            if (isServer)
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, deadline.Token);
            else
                await secure.AuthenticateAsClientAsync(SipCertificate.ClientOptions(host, _authorities), deadline.Token);
            return secure;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
        {
            await secure.DisposeAsync();
            return null;
        }
    }

    private SipStreamConnection Add(Stream stream, Socket socket, IPEndPoint remote, SipTransport transport)
    {
        // What a peer opens itself in return goes to where we listen, not to the end of this connection.
        var own = localFor(((IPEndPoint)socket.LocalEndPoint!).Address.Plain());
        var listener = Array.Find(_listeners, entry => entry.Transport == transport).Socket;
        var local = new IPEndPoint(own, listener is null ? 0 : PortOf(listener));
        var connection = new SipStreamConnection(Interlocked.Increment(ref _lastConnection), transport, stream, local, remote);
        _connections[connection.Id] = connection;
        return connection;
    }

    private async Task RunAsync(SipStreamConnection connection, bool isPeer, bool isOurs)
    {
        var path = new SipPath(connection.Transport, connection.Local, connection.Remote, connection.Id, isPeer);
        try
        {
            await connection.RunAsync(Take, isOurs);
        }
        finally
        {
            _connections.TryRemove(connection.Id, out _);
            connection.Dispose();
        }

        void Take(byte[] message, SipStreamStatus status)
        {
            if (isOurs || door.TakesMessage(connection.Remote, isPeer))
                received(message, path, status == SipStreamStatus.Broken);
        }
    }

    private static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    private static partial class Log
    {
        [LoggerMessage(3301, LogLevel.Error, "A SIP connection failed")]
        public static partial void ConnectionFailed(ILogger logger, Exception exception);
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// The sockets: messages in with the path they came by, messages out. Strangers are dropped here, before anything is read of what they sent, unless there are
/// accounts; connections are bounded, in all and by address.
/// </summary>
internal sealed partial class SipSockets(SipOptions options, SipPeers peers, ILogger logger) : IAsyncDisposable
{
    private const int MaxConnections = 1000;
    private const int MaxConnectionsPerAddress = 100;
    private const long ComplaintEvery = 60_000; // ms
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<long, SipStreamConnection> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SipPeers _peers = peers;
    private readonly ConcurrentDictionary<IPEndPoint, string> _names = new();
    private readonly bool _takesStrangers = options.Accounts.Count > 0;
    private readonly List<Socket> _listeners = [];
    private SipDatagrams? _datagrams;
    private readonly X509Certificate2Collection? _authorities = SipCertificate.Authorities(options);
    private X509Certificate2? _certificate;
    private long _lastConnection;
    private long _complainAt = Environment.TickCount64;

    /// <summary>Called with each message. May be called from several threads.</summary>
    public Action<ReadOnlyMemory<byte>, SipPath>? Received { get; set; }

    /// <summary>Called with what came on a stream whose framing is lost; then it is closed.</summary>
    public Action<ReadOnlyMemory<byte>, SipPath>? ReceivedBroken { get; set; }

    /// <summary>Called when a message could not be sent.</summary>
    public Action<SipTransmit>? Failed { get; set; }

    /// <summary>The port for UDP and TCP.</summary>
    public int Port { get; private set; }

    /// <summary>The port for TLS; 0 when there is none.</summary>
    public int TlsPort { get; private set; }

    /// <summary>Opens the ports.</summary>
    /// <param name="mayMove">A port that is taken gives way to any other.</param>
    /// <exception cref="SocketException">One of them is taken.</exception>
    public void Open(bool mayMove)
    {
        var address = IPAddress.Parse(options.Address);
        try
        {
            OpenPlain(address, options.Port);
        }
        catch (SocketException) when (mayMove && options.Port != 0)
        {
            // Another server of this machine has it: any other will do, since whoever calls has to be told it anyway.
            OpenPlain(address, 0);
        }

        _ = ReceiveDatagramsAsync(_datagrams!);
        if (SipCertificate.Load(options) is not { } certificate)
            return;
        _certificate = certificate;
        try
        {
            TlsPort = Listen(new IPEndPoint(address, options.TlsPort), SipTransport.Tls);
        }
        catch (SocketException) when (mayMove && options.TlsPort != 0)
        {
            TlsPort = Listen(new IPEndPoint(address, 0), SipTransport.Tls);
        }
    }

    /// <summary>The name that the certificate of a peer has to have.</summary>
    public void Name(IPEndPoint endPoint, string name)
    {
        if (_names.Count < MaxConnections)
            _names[endPoint] = name;
    }

    /// <summary>Our address as a peer should use it.</summary>
    public IPAddress LocalAddressFor(IPAddress remote) => options.PublicAddress is { Length: > 0 } stated ? IPAddress.Parse(stated) : _datagrams!.LocalFor(remote);

    /// <summary>The address of this machine that a peer reaches; not the public one, which may be a router's.</summary>
    public IPAddress OwnAddressFor(IPAddress remote) => _datagrams!.LocalFor(remote);

    /// <summary>Sends a message, at once or when its way is open.</summary>
    public void Send(SipTransmit transmit)
    {
        var target = transmit.Target;
        if (target.Transport == SipTransport.Udp && IPAddress.TryParse(target.Host, out var address))
            SendDatagram(transmit, address);
        else if (target.Transport != SipTransport.Udp && FindConnection(target) is { } connection)
            Finish(transmit, connection.TrySend(transmit.Bytes));
        else
            _ = SendLaterAsync(transmit);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _datagrams?.Dispose();
        foreach (var listener in _listeners)
            listener.Dispose();
        foreach (var connection in _connections.Values)
            connection.Dispose();
        _certificate?.Dispose();
    }

    // UDP and TCP under the same number; with any number, until both are free.
    private void OpenPlain(IPAddress address, int port)
    {
        for (int tries = 0; ; tries++)
        {
            var datagrams = new SipDatagrams(address, port);
            try
            {
                Listen(new IPEndPoint(address, datagrams.Port), SipTransport.Tcp);
                (_datagrams, Port) = (datagrams, datagrams.Port);
                return;
            }
            catch (SocketException) when (port == 0 && tries < 10)
            {
                datagrams.Dispose();
            }
            catch
            {
                datagrams.Dispose();
                throw;
            }
        }
    }

    private int Listen(IPEndPoint at, SipTransport transport)
    {
        var listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
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
        _listeners.Add(listener);
        _ = AcceptAsync(listener, transport);
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    private async Task ReceiveDatagramsAsync(SipDatagrams datagrams)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(SipLimits.MaxMessage, pinned: true);
        var strangers = new StrangerRates(options.MaxMessagesPerSecond, options.MaxMessagesPerSecondPerAddress);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var (length, remote) = await datagrams.ReceiveAsync(buffer, _stopping.Token);
                // Keep-alives, NULs and STUN begin with no letter; nothing else is looked at before we know whom it comes from.
                if (length < 16 || !(char.IsAsciiLetter((char)buffer[0]) || buffer[0] is (byte)'\r' or (byte)'!'))
                    continue;
                bool isTrusted = _peers.Contains(remote.Address);
                if (!isTrusted && !(_takesStrangers && strangers.TryTake(remote.Address, Environment.TickCount64)))
                {
                    Complain(remote);
                    continue;
                }

                Received?.Invoke(buffer.AsMemory(0, length), new SipPath(SipTransport.Udp, new IPEndPoint(LocalAddressFor(remote.Address), Port), remote, 0, isTrusted));
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier answer; the socket goes on.
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
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
                continue;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            if (socket.RemoteEndPoint is IPEndPoint remote && (_takesStrangers || _peers.Contains(remote.Address)) && !IsFull(remote.Address))
            {
                _ = RunAsync(socket, remote, transport, isServer: true);
                continue;
            }

            if (socket.RemoteEndPoint is IPEndPoint stranger)
                Complain(stranger);
            socket.Dispose();
        }
    }

    private bool IsFull(IPAddress address) =>
        _connections.Count >= MaxConnections || _connections.Values.Count(connection => connection.Remote.Address.Equals(address)) >= MaxConnectionsPerAddress;

    private async Task RunAsync(Socket socket, IPEndPoint remote, SipTransport transport, bool isServer)
    {
        try
        {
            if (await OpenStreamAsync(socket, remote.Address.ToString(), transport, isServer) is { } stream)
                await RunAsync(Add(stream, AddressOf(socket), remote, transport));
        }
        catch (Exception exception)
        {
            // A defect here must cost this connection only.
            Log.ConnectionFailed(logger, exception);
        }
        finally
        {
            socket.Dispose();
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
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            await secure.DisposeAsync();
            return null;
        }
    }

    private SipStreamConnection Add(Stream stream, IPAddress at, IPEndPoint remote, SipTransport transport)
    {
        var own = options.PublicAddress is { Length: > 0 } ? LocalAddressFor(remote.Address) : at;
        var local = new IPEndPoint(own, transport == SipTransport.Tls ? TlsPort : Port);
        var connection = new SipStreamConnection(Interlocked.Increment(ref _lastConnection), transport, stream, local, remote);
        _connections[connection.Id] = connection;
        return connection;
    }

    private async Task RunAsync(SipStreamConnection connection)
    {
        bool isTrusted = _peers.Contains(connection.Remote.Address);
        var path = new SipPath(connection.Transport, connection.Local, connection.Remote, connection.Id, isTrusted);
        try
        {
            await connection.RunAsync((message, status) => (status == SipStreamStatus.Broken ? ReceivedBroken : Received)?.Invoke(message, path));
        }
        finally
        {
            _connections.TryRemove(connection.Id, out _);
            connection.Dispose();
        }
    }

    private static IPAddress AddressOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Address;

    private SipStreamConnection? FindConnection(SipTarget target)
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

    private void SendDatagram(SipTransmit transmit, IPAddress address)
    {
        try
        {
            _datagrams!.Send(transmit.Bytes.Span, new IPEndPoint(address, transmit.Target.Port));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Finish(transmit, isSent: false);
        }
    }

    private async Task SendLaterAsync(SipTransmit transmit)
    {
        var target = transmit.Target;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            deadline.CancelAfter(ConnectTime);
            var address = IPAddress.TryParse(target.Host, out var known) ? known : (await Dns.GetHostAddressesAsync(target.Host, deadline.Token)).First();
            if (target.Transport == SipTransport.Udp)
            {
                SendDatagram(transmit, address);
                return;
            }

            var remote = new IPEndPoint(address, target.Port);
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(remote, deadline.Token);
            string name = _names.GetValueOrDefault(remote) ?? target.Host;
            if (await OpenStreamAsync(socket, name, target.Transport, isServer: false) is not { } stream)
            {
                Finish(transmit, isSent: false);
                return;
            }

            var connection = Add(stream, AddressOf(socket), remote, target.Transport);
            _ = RunAsync(connection);
            Finish(transmit, connection.TrySend(transmit.Bytes));
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            Finish(transmit, isSent: false);
        }
    }

    private void Finish(SipTransmit transmit, bool isSent)
    {
        if (!isSent)
            Failed?.Invoke(transmit);
    }

    // Once in a while, so that an operator learns why a phone gets no answer and a flood does not fill the log.
    private void Complain(IPEndPoint stranger)
    {
        long now = Environment.TickCount64;
        if (now < Volatile.Read(ref _complainAt))
            return;
        Volatile.Write(ref _complainAt, now + ComplaintEvery);
        Log.Dropped(logger, stranger.Address, _takesStrangers ? "it sends more than strangers may, or has too many connections" : "it is none of VoiceCarnival:Sip:Peers, and there are no Accounts");
    }

    private static partial class Log
    {
        [LoggerMessage(3315, LogLevel.Information, "SIP: what {Address} sends is dropped: {Reason}")]
        public static partial void Dropped(ILogger logger, IPAddress address, string reason);

        [LoggerMessage(3301, LogLevel.Error, "A SIP connection failed")]
        public static partial void ConnectionFailed(ILogger logger, Exception exception);
    }
}

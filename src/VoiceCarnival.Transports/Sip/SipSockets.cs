using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>All ways in and out: messages in with the path they came by, messages out by the way they have to go.</summary>
internal sealed partial class SipSockets : IAsyncDisposable
{
    private static readonly TimeSpan ResolveTime = TimeSpan.FromSeconds(5);
    private static readonly byte[] EmptyLine = "\r\n"u8.ToArray();
    private static readonly byte[] Ping = "\r\n\r\n"u8.ToArray();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SipOptions _options;
    private readonly SipDoor _door;
    private readonly SipStreams _streams;
    private readonly ILogger _logger;
    private SipDatagrams? _datagrams;

    public SipSockets(SipOptions options, SipPeers peers, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _door = new SipDoor(options, peers, logger);
        _streams = new SipStreams(options, _door, own => PublicFor(own) ?? own, (message, path, isBroken) => (isBroken ? ReceivedBroken : Received)?.Invoke(message, path), logger);
    }

    /// <summary>Called with each message. May be called from several threads.</summary>
    public Action<ReadOnlyMemory<byte>, SipPath>? Received { get; set; }

    /// <summary>Called with what came on a stream whose framing is lost; then it is closed.</summary>
    public Action<ReadOnlyMemory<byte>, SipPath>? ReceivedBroken { get; set; }

    /// <summary>Called when a message could not be sent.</summary>
    public Action<SipTransmit>? Failed { get; set; }

    /// <summary>The port for UDP and TCP.</summary>
    public int Port => _datagrams?.Port ?? 0;

    /// <summary>The port for TLS; 0 when there is none.</summary>
    public int TlsPort { get; private set; }

    // Peers of the other family could not do anything with it.
    private IPAddress? PublicFor(IPAddress other) =>
        _options.PublicAddress is { Length: > 0 } stated && IPAddress.Parse(stated).Plain() is var global && global.AddressFamily == other.AddressFamily ? global : null;

    /// <summary>Opens the ports.</summary>
    /// <param name="mayMove">A port that is taken gives way to any other.</param>
    /// <exception cref="SocketException">One of them is taken.</exception>
    public void Open(bool mayMove)
    {
        var address = IPAddress.Parse(_options.Address).Plain();
        try
        {
            _datagrams = OpenPlain(address, _options.Port);
        }
        catch (SocketException) when (mayMove && _options.Port != 0)
        {
            // Another server of this machine has it: any other will do, since whoever calls has to be told it anyway.
            _datagrams = OpenPlain(address, 0);
        }

        _ = ReceiveDatagramsAsync(_datagrams);
        if (!_streams.HasCertificate)
            return;
        try
        {
            TlsPort = _streams.Listen(new IPEndPoint(address, _options.TlsPort), SipTransport.Tls);
        }
        catch (SocketException) when (mayMove && _options.TlsPort != 0)
        {
            TlsPort = _streams.Listen(new IPEndPoint(address, 0), SipTransport.Tls);
        }
    }

    /// <summary>The name that the certificate of a peer has to have.</summary>
    public void Name(IPEndPoint endPoint, string name) => _streams.Name(endPoint, name);

    /// <summary>Our address as a peer should use it.</summary>
    public IPAddress LocalAddressFor(IPAddress remote) => PublicFor(remote) ?? OwnAddressFor(remote);

    /// <summary>The address of this machine that a peer reaches; not the public one, which may be a router's.</summary>
    public IPAddress OwnAddressFor(IPAddress remote) => _datagrams!.LocalFor(remote);

    /// <summary>Sends a message, at once or when its way is open.</summary>
    public void Send(SipTransmit transmit)
    {
        var target = transmit.Target;
        if (target.Transport == SipTransport.Udp && IPAddress.TryParse(target.Host, out var address))
            SendDatagram(transmit, address);
        else if (target.Transport != SipTransport.Udp && _streams.Find(target) is { } connection)
            SendOver(connection, transmit);
        else
            _ = SendLaterAsync(transmit);
    }

    /// <summary>Sends what is no message and keeps a way open (RFC 5626): by the connection that there is; by none, when there is none.</summary>
    public void KeepOpen(SipPath path)
    {
        if (path.Transport == SipTransport.Udp)
            Send(new SipTransmit(EmptyLine, path.Back, null));
        else
            _streams.Find(path.Back)?.TrySend(Ping);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _datagrams?.Dispose();
        await _streams.DisposeAsync();
    }

    // UDP and TCP under the same number; with any number, until both are free.
    private SipDatagrams OpenPlain(IPAddress address, int port)
    {
        for (int tries = 0; ; tries++)
        {
            var datagrams = new SipDatagrams(address, port);
            try
            {
                _streams.Listen(new IPEndPoint(address, datagrams.Port), SipTransport.Tcp);
                return datagrams;
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

    private async Task ReceiveDatagramsAsync(SipDatagrams datagrams)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(SipLimits.MaxMessage, pinned: true);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var (length, remote) = await datagrams.ReceiveAsync(buffer, _stopping.Token);
                // Keep-alives, NULs and STUN begin with no letter; nothing else is looked at before we know whom it comes from.
                if (length < 16 || !(char.IsAsciiLetter((char)buffer[0]) || buffer[0] is (byte)'\r' or (byte)'!'))
                    continue;
                bool isTrusted = _door.IsPeer(remote.Address);
                if (_door.TakesMessage(remote, isTrusted))
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
            catch (Exception exception)
            {
                // A defect must cost the datagram that met it, not all that come after.
                Log.DatagramFailed(_logger, exception);
            }
        }
    }

    private void SendDatagram(SipTransmit transmit, IPAddress address)
    {
        Expect(transmit, address);
        try
        {
            _datagrams!.Send(transmit.Bytes.Span, new IPEndPoint(address, transmit.Target.Port));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Finish(transmit, isSent: false);
        }
    }

    private void SendOver(SipStreamConnection? connection, SipTransmit transmit)
    {
        if (connection is not null)
            Expect(transmit, connection.Remote.Address);
        Finish(transmit, connection?.TrySend(transmit.Bytes) == true);
    }

    // Before it goes, or its answer could be here earlier.
    private void Expect(SipTransmit transmit, IPAddress address)
    {
        if (!transmit.Bytes.Span.StartsWith("SIP/"u8))
            _door.Expect(address);
    }

    private async Task SendLaterAsync(SipTransmit transmit)
    {
        var target = transmit.Target;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            deadline.CancelAfter(ResolveTime);
            var address = IPAddress.TryParse(target.Host, out var known) ? known : await ResolveAsync(target, deadline.Token);
            if (target.Transport == SipTransport.Udp)
                SendDatagram(transmit, address);
            else
                SendOver(await _streams.ConnectAsync(target, address), transmit);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            Finish(transmit, isSent: false);
        }
    }

    // By UDP of the family that our socket has, where there is one.
    private async Task<IPAddress> ResolveAsync(SipTarget target, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        return (target.Transport == SipTransport.Udp ? Array.Find(addresses, _datagrams!.Reaches) : null) ?? addresses.First();
    }

    private void Finish(SipTransmit transmit, bool isSent)
    {
        if (!isSent)
            Failed?.Invoke(transmit);
    }

    private static partial class Log
    {
        [LoggerMessage(3317, LogLevel.Error, "SIP: a datagram met a defect")]
        public static partial void DatagramFailed(ILogger logger, Exception exception);
    }
}

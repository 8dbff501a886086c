using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;
using VoiceCarnival.Protocols.Sip.Transactions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// The user agent with its sockets and its clock. All of the agent is done under one lock, which is never held while anything is waited for; events go to
/// <see cref="SipCalls"/> under it, too.
/// </summary>
internal sealed partial class SipServer : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    // What is lost is repeated after half a second.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FarewellStep = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly SipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SipServer> _logger;
    private readonly SipCalls _calls;
    private readonly SipTrunks _trunks;
    private readonly SipTrace _trace;
    private readonly CancellationTokenSource _stopping = new();
    private readonly bool _isWanted;
    private readonly long _start;
    private readonly ConcurrentQueue<SipTransmit> _outgoing = new();
    private readonly Lazy<Task> _goodbye;
    private int _isSending;
    private SipUserAgent? _agent;
    private SipSockets? _sockets;
    private ITimer? _timer;
    private TimeSpan? _alarm;
    private bool _isStopped;

    public SipServer(
        IOptions<SipOptions> options, IOptions<AccessOptions> access, SipCalls calls, SipTrunks trunks, SipTrace trace, TimeProvider time, ILogger<SipServer> logger)
    {
        (_options, _calls, _trunks, _trace, _time, _logger) = (options.Value, calls, trunks, trace, time, logger);
        _isWanted = _options.IsWanted(access.Value);
        Peers = new SipPeers(_options);
        _goodbye = new Lazy<Task>(SayGoodbyeAsync);
        _start = time.GetTimestamp();
    }

    /// <summary>Calls are taken now.</summary>
    public bool IsOpen => _sockets is not null && !_isStopped;

    /// <summary>The port for UDP and TCP.</summary>
    public int Port => _sockets?.Port ?? 0;

    /// <summary>The port for TLS; 0 when there is none.</summary>
    public int TlsPort => _sockets?.TlsPort ?? 0;

    /// <summary>The operator's own, whose word counts.</summary>
    public SipPeers Peers { get; }

    /// <summary>The codecs that calls may use, the preferred first.</summary>
    public static IReadOnlyList<RtpCodec> Codecs { get; } = [.. AudioCodecs.Available.Select(codec => new RtpCodec(codec.Name, codec.ClockRate, codec.Channels))];

    /// <summary>The user agent's clock.</summary>
    public TimeSpan Time => Now;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_isWanted)
            return Task.CompletedTask;
        var entropy = RandomNumberGenerator.GetBytes(SipUserAgent.EntropyLength);
        _agent = new SipUserAgent(
            new SipUserAgentOptions
            {
                Codecs = Codecs,
                MaxCalls = _options.MaxCalls,
                MaxCallsPerAddress = _options.MaxCallsPerAddress,
                MaxCallsPerSecond = _options.MaxCallsPerSecond,
                MaxCallsPerSecondPerAddress = _options.MaxCallsPerSecondPerAddress,
                Srtp = _options.Srtp,
                TakesTransfers = _options.TakesTransfers,
                Digest = _options.Accounts.Count == 0 ? null : new DigestServer(_options.Realm, FindPassword, RandomNumberGenerator.GetBytes(32)),
            },
            entropy);
        _timer = _time.CreateTimer(_ => Do(static (agent, now) => agent.AdvanceTo(now), isAlarm: true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var sockets = new SipSockets(_options, Peers, _logger)
        {
            Received = Receive,
            ReceivedBroken = (bytes, path) => Do((agent, _) => agent.ReceiveBroken(bytes, path)),
            Failed = transmit => Do((agent, now) => agent.OnSendFailed(transmit, now)),
        };
        try
        {
            sockets.Open(mayMove: _options.Enabled is null);
        }
        catch (SocketException exception) when (_options.Enabled is null)
        {
            // Nobody asked for it.
            Log.NotOpen(_logger, _options.Address, exception.Message);
            _ = sockets.DisposeAsync().AsTask();
            return Task.CompletedTask;
        }
        catch (SocketException exception)
        {
            string ports = _options.Certificate is { Length: > 0 } || _options.SelfSigned ? $"port {_options.Port} or {_options.TlsPort}" : $"port {_options.Port}";
            throw new IOException($"VoiceCarnival:Sip: {_options.Address} {ports} cannot be opened: {exception.Message}", exception);
        }

        _calls.Server = this;
        _sockets = sockets;
        if (sockets.Port != _options.Port && _options.Port != 0)
            Log.Moved(_logger, _options.Address, _options.Port, sockets.Port);
        else
            Log.Listening(_logger, _options.Address, sockets.Port);
        _trunks.Begin(this, _stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>Hangs up and takes the registrations back, and waits until that was answered, but not for long.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _sockets is null ? Task.CompletedTask : _goodbye.Value;

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        if (_timer is not null)
            await _timer.DisposeAsync();
        if (_sockets is { } sockets)
            await sockets.DisposeAsync();
    }

    /// <summary>A way to somebody, who is trusted when he is a peer.</summary>
    /// <param name="transport">By what.</param>
    /// <param name="remote">Where.</param>
    /// <param name="name">The name that its certificate has to have.</param>
    public SipPath PathTo(SipTransport transport, IPEndPoint remote, string name)
    {
        if (transport == SipTransport.Tls)
            _sockets!.Name(remote, name);
        int port = transport == SipTransport.Tls && TlsPort > 0 ? TlsPort : Port;
        return new SipPath(transport, new IPEndPoint(LocalAddressFor(remote.Address), port), remote, 0, Peers.Contains(remote.Address));
    }

    /// <summary>Our address as a peer should use it.</summary>
    public IPAddress LocalAddressFor(IPAddress remote) => _sockets!.LocalAddressFor(remote);

    /// <summary>The address of this machine that a peer reaches.</summary>
    public IPAddress OwnAddressFor(IPAddress remote) => _sockets!.OwnAddressFor(remote);

    /// <summary>Lets no translator forget the way to somebody.</summary>
    public void KeepOpen(SipPath path) => _sockets!.KeepOpen(path);

    /// <summary>Does something with the agent, then what follows of it: events, messages, the alarm.</summary>
    public void Do(Action<SipUserAgent, TimeSpan> action, bool isAlarm = false)
    {
        lock (_gate)
        {
            if (_agent is not { } agent)
                return;
            if (isAlarm)
                _alarm = null;
            var now = Now;
            try
            {
                action(agent, now);
                while (agent.TryTakeEvent(out var next))
                {
                    if (next.Kind == SipEventKind.Registration)
                        _trunks.On(next);
                    else
                        _calls.On(next, now);
                }
            }
            catch (Exception exception)
            {
                // A defect must cost the message that met it, not the server.
                Log.AgentFailed(_logger, exception);
            }

            while (agent.TryTakeTransmit(out var transmit))
                _outgoing.Enqueue(transmit);
            SetAlarm(agent, now);
        }

        SendOutgoing();
    }

    // Once, however often we are stopped: whoever has waited for that closes the sockets.
    private async Task SayGoodbyeAsync()
    {
        if (_isStopped)
            return;
        await _stopping.CancelAsync();
        Do((agent, now) =>
        {
            _trunks.Stop(now);
            foreach (var call in agent.Calls.ToArray())
                call.HangUp(now);
        });
        _isStopped = true;
        var until = Now + LongestFarewell;
        bool isDone = false;
        while (!isDone && Now < until)
        {
            await Task.Delay(FarewellStep, _time, CancellationToken.None);
            Do((agent, _) => isDone = agent is { Calls.Count: 0, AwaitsAnswers: false });
        }

        await DisposeAsync();
    }

    // Not under the lock, since a socket that fails tells so at once; but one thread at a time, so that nothing overtakes what was said before it.
    private void SendOutgoing()
    {
        while (!_outgoing.IsEmpty && Interlocked.Exchange(ref _isSending, 1) == 0)
        {
            while (_outgoing.TryDequeue(out var transmit))
            {
                _trace.Add(transmit.Bytes, isIncoming: false, transmit.Target, _time.GetUtcNow());
                _sockets?.Send(transmit);
            }

            Volatile.Write(ref _isSending, 0);
        }
    }

    private void Receive(ReadOnlyMemory<byte> bytes, SipPath path)
    {
        // A call is kept in mind once its INVITE was taken, so its first message is looked at afterwards.
        var at = _time.GetUtcNow();
        Do((agent, now) => agent.Receive(bytes, path, now));
        _trace.Add(bytes, isIncoming: true, path.Back, at);
    }

    private void SetAlarm(SipUserAgent agent, TimeSpan now)
    {
        if (agent.NextDeadline is not { } next || next >= _alarm)
            return;
        _alarm = next;
        // A timer has days at most; what it comes too early for is waited for anew.
        var wait = next - now < LongestWait ? next - now : LongestWait;
        _timer?.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private string? FindPassword(string user) => _options.Accounts.Find(account => account.User == user)?.Password.Reveal();

    private static partial class Log
    {
        [LoggerMessage(3302, LogLevel.Information, "SIP: listening on {Address} port {Port}, UDP and TCP")]
        public static partial void Listening(ILogger logger, string address, int port);

        [LoggerMessage(3306, LogLevel.Warning, "SIP: {Address} port {Taken} is taken, so calls are taken at port {Port}, UDP and TCP. VoiceCarnival:Sip:Enabled true insists on the port, false takes no calls")]
        public static partial void Moved(ILogger logger, string address, int taken, int port);

        [LoggerMessage(3307, LogLevel.Warning, "SIP: no calls are taken, since no port could be opened at {Address}: {Reason}")]
        public static partial void NotOpen(ILogger logger, string address, string reason);

        [LoggerMessage(3303, LogLevel.Error, "SIP: a message or a timer met a defect")]
        public static partial void AgentFailed(ILogger logger, Exception exception);
    }
}

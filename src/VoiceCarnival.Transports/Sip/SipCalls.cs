using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// The phone calls of this server. <see cref="On"/> is called under the server's lock, so nothing there waits; what takes time goes on by itself and comes back through
/// <see cref="SipServer.Do"/>.
/// </summary>
internal sealed partial class SipCalls
{
    /// <summary>Transport of these calls in logs and metrics.</summary>
    public const string TransportId = "sip";

    private const int MostEnded = 200;
    private readonly ConcurrentDictionary<SipCall, (PhoneCall Call, SipLeg Leg)> _legs = new();
    private readonly ConcurrentDictionary<string, PhoneCall> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<PhoneCall> _ended = new();
    private readonly HostedCalls _hosted;
    private readonly SipTrunks _trunks;

    public SipCalls(
        VoiceSessionHost host, CallDirectory directory, RtpMedia media, SipAgents agents, HostedCalls hosted, SipTrunks trunks, SipTrace trace, PhoneMetrics metrics,
        IOptions<SipOptions> options, TimeProvider time, ILogger<SipCalls> logger)
    {
        (Host, Directory, Media, Agents, _hosted, _trunks, Trace, Metrics) = (host, directory, media, agents, hosted, trunks, trace, metrics);
        (Options, Time, Logger) = (options.Value, time, logger);
        Ports = new MediaPorts(Options.FirstMediaPort, Options.LastMediaPort);
        metrics.Calls = () => _byId.Count;
    }

    public SipServer? Server { get; set; }

    public VoiceSessionHost Host { get; }

    public CallDirectory Directory { get; }

    public RtpMedia Media { get; }

    public SipAgents Agents { get; }

    public SipTrace Trace { get; }

    public PhoneMetrics Metrics { get; }

    public SipOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public MediaPorts Ports { get; }

    /// <summary>Calls that ring or run.</summary>
    public int Count => _byId.Count;

    /// <summary>Those, and the last that have ended, the newest last.</summary>
    public IEnumerable<PhoneCall> All => _ended.Concat(_byId.Values).OrderBy(call => call.StartedAt);

    public PhoneCall? Find(string id) => _byId.GetValueOrDefault(id) ?? _ended.FirstOrDefault(call => call.Id == id);

    public void On(SipEvent next, TimeSpan now)
    {
        if (next.Kind == SipEventKind.Incoming)
        {
            Take(next.Call!, now);
            return;
        }

        if (next.Call is not { } sip || !_legs.TryGetValue(sip, out var known))
            return;
        var (call, leg) = known;
        switch (next.Kind)
        {
            case SipEventKind.Media when sip.Agreement is { } agreement:
                leg.HasProgress = true;
                call.OnMedia(leg, agreement);
                break;
            case SipEventKind.Progress:
                leg.HasProgress |= next.Status >= 180;
                call.OnProgress(leg, next.Status, next.Text);
                break;
            case SipEventKind.Established:
                call.OnEstablished(leg);
                break;
            case SipEventKind.Info:
                call.OnInfo(leg, next.Text, next.Body);
                break;
            case SipEventKind.TransferProgress:
                call.OnTransferProgress(next.Status, next.Text);
                break;
            case SipEventKind.TransferRequested:
                _ = FollowAsync(call, sip, next.Text);
                break;
            case SipEventKind.Ended:
                _legs.TryRemove(sip, out _);
                if (TryNextWay(call, leg, next.Status, now))
                    break;
                if (Options.FollowsRedirections && leg.Call.Redirections.Count > 0 && leg.Redirections < MostRedirections && call.Has(leg))
                    _ = RedirectAsync(call, leg, next.Status, next.Text);
                else
                    call.OnEnded(leg, next.Status, next.Text);
                break;
        }
    }

    /// <summary>A call is over.</summary>
    public void Forget(PhoneCall call)
    {
        if (!_byId.TryRemove(call.Id, out _))
            return;
        _ended.Enqueue(call);
        while (_ended.Count > MostEnded)
            _ended.TryDequeue(out _);
    }

    private void Take(SipCall sip, TimeSpan now)
    {
        if (Server is not { IsOpen: true })
        {
            sip.Refuse(503, now);
            return;
        }

        if (sip.Replaces is { } replaced && _legs.TryGetValue(replaced, out var known))
        {
            Replace(sip, known.Call, now);
            return;
        }

        bool isHosted = _hosted.Takes(sip.Caller.Called);
        var agent = isHosted ? new SipAgentOptions { Name = sip.Caller.Called, KnowsCaller = false } : Agents.Answering(sip.Caller.Called);
        if (agent is null)
        {
            sip.Refuse(404, now);
            return;
        }

        var call = new PhoneCall(this, agent, isIncoming: true, sip.Caller.From, sip.Caller.Called);
        var leg = new SipLeg { Call = sip };
        if (isHosted)
        {
            call.Hosted = new HostedDecision();
            Directory.TryAdd(call.Entry);
        }

        Keep(call, leg);
        call.Take(leg);
        sip.Ring(now);
        call.Note("ringing", 180, "Ringing");
        if (isHosted)
            _ = WaitAsync(call, sip);
        else
            call.Post(() => call.AnswerAsync(default));
    }

    // Somebody has the agent's caller handed over to him, and calls in his place (RFC 3891): the conversation goes on.
    private void Replace(SipCall sip, PhoneCall call, TimeSpan now)
    {
        var leg = new SipLeg { Call = sip };
        if (!call.TryFollow(leg))
        {
            sip.Refuse(486, now);
            return;
        }

        _legs[sip] = (call, leg);
        if (leg.OpenToAnswer(this) is not { } audio)
            sip.Refuse(503, now);
        else
            sip.Accept(audio, now);
    }

    private void Keep(PhoneCall call, SipLeg leg)
    {
        _byId[call.Id] = call;
        _legs[leg.Call] = (call, leg);
    }

    // Rings until the application decides, or has had its time.
    private async Task WaitAsync(PhoneCall call, SipCall sip)
    {
        try
        {
            using var patience = new CancellationTokenSource(_hosted.Patience, Time);
            if (await _hosted.AnnounceAsync(call.Id, sip, patience.Token))
                await Task.Delay(_hosted.Patience, Time, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
            // Its time is over.
        }
        catch (Exception exception)
        {
            Log.WebhookFailed(Logger, call.Id, exception);
        }

        if (call.Hosted!.IsOpen)
            await call.Hosted.RejectAsync(() => Server!.Do((_, now) => sip.Refuse(480, now)));
    }

    private static partial class Log
    {
        [LoggerMessage(3308, LogLevel.Error, "The webhook of phone call {CallId} failed")]
        public static partial void WebhookFailed(ILogger logger, string callId, Exception exception);

        [LoggerMessage(3309, LogLevel.Information, "Phone call {CallId} goes to {Trunk}")]
        public static partial void Calling(ILogger logger, string callId, string trunk);

        [LoggerMessage(3310, LogLevel.Error, "A transfer of phone call {CallId} failed")]
        public static partial void TransferFailed(ILogger logger, string callId, Exception exception);

        [LoggerMessage(3318, LogLevel.Error, "A redirection of phone call {CallId} failed")]
        public static partial void RedirectionFailed(ILogger logger, string callId, Exception exception);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime.Webhooks;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>
/// Phone calls that the service takes for us (reference, section 2). A webhook that says so is checked, claimed and queued at once; then the call is routed, answered or
/// turned away, followed over its sideband as any session, and hung up when that ends.
/// </summary>
internal sealed partial class HostedSip(
    VoiceSessionHost host, CallDirectory directory, ICallClaims claims, CallRouter router, CallSidebands sidebands, SafetyIdentifier safety,
    IOptions<OpenAIOptions> options, IOptions<CallsOptions> callsOptions, TimeProvider time, ILogger<HostedSip> logger) : BackgroundService, IWebhookReceiver
{
    /// <summary>Transport of these calls in logs and metrics.</summary>
    public const string TransportId = "sip-hosted";

    private const int MostQueued = 256;
    private const int Workers = 16;
    private const int Busy = 486;
    private const int Unavailable = 480;
    private static readonly TimeSpan DecisionTime = TimeSpan.FromSeconds(1);
    private const string AlreadyDecided = "decision_already_made";

    // The service repeats deliveries for up to three days.
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromHours(73);
    private static readonly TimeSpan[] Retries = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];
    private readonly Channel<IncomingCall> _queue = Channel.CreateBounded<IncomingCall>(MostQueued);
    private readonly UnsignedDeliveries _unsigned = new(time);
    private readonly WebhookSignature _signature = WebhookSignature.TryParse(options.Value.WebhookSecret.Reveal())!;

    /// <inheritdoc/>
    public bool IsConfigured => !options.Value.WebhookSecret.IsEmpty;

    /// <inheritdoc/>
    public async ValueTask<SessionRefusal?> ReceiveAsync(string id, string timestamp, string signatures, ReadOnlyMemory<byte> body)
    {
        // 1. Is it from the service?
        if (!IsConfigured)
            return NotConfigured;
        if (!_signature.Verifies(id, timestamp, signatures, body.Span, time.GetUtcNow()))
        {
            if (_unsigned.Count() is { } unsigned)
                Log.NotSigned(logger, unsigned);
            return NotSigned;
        }

        // 2. Is it about a call?
        string? type = IncomingCall.TypeOf(body);
        if (type is null)
            return NotAnEvent;
        if (type != IncomingCall.EventType)
        {
            Log.Passed(logger, type.Length <= 100 ? type : type[..100]);
            return null;
        }

        if (IncomingCall.TryRead(body) is not { } call)
            return NotAnEvent;

        // 3. Are we the first to hear of it? Both claims come before anything is done.
        string delivery = "webhook:" + id;
        string ringing = "call:" + call.CallId;
        if (!await claims.TryClaimAsync(delivery, ClaimLifetime) || !await claims.TryClaimAsync(ringing, ClaimLifetime))
        {
            Log.Repeated(logger, call.CallId);
            return null;
        }

        if (_queue.Writer.TryWrite(call))
            return null;
        await claims.ReleaseAsync(ringing);
        await claims.ReleaseAsync(delivery);
        return Overrun;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var call in _queue.Reader.ReadAllAsync(stoppingToken))
            {
                try
                {
                    await HandleAsync(call);
                }
                catch (Exception exception)
                {
                    // A defect must cost one call only.
                    Log.Failed(logger, call.CallId, exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // shutting down
        }
    }

    private async Task HandleAsync(IncomingCall incoming)
    {
        var route = router.Choose(incoming.Headers);
        Log.Routed(logger, incoming.CallId, route.Name ?? "unnamed", route.Action, incoming.MediaSecurity ?? "unknown");
        if (route.Action == CallAction.Ignore)
            return;
        var sip = new SipCall(sidebands.Control(incoming.CallId), route, CallerOf(incoming), AnswerAsync);
        if (route.Action == CallAction.Reject)
        {
            Report(incoming.CallId, await TryAsync(() => sip.Control.RejectAsync(route.StatusCode, CancellationToken.None)));
            return;
        }

        var call = new VoiceCall(incoming.CallId, TransportId, new Caller(CallerKind.Anonymous, sip.CallerName), sip);
        if (!directory.TryAdd(call))
            return; // known from elsewhere, so it is not ringing
        if (route.Action == CallAction.Wait)
            _ = WaitAsync(call, sip);
        else
            Report(incoming.CallId, await sip.AcceptAsync(default, CancellationToken.None));
    }

    // Rings until somebody decides over the API.
    private async Task WaitAsync(VoiceCall call, SipCall sip)
    {
        await Task.Delay(TimeSpan.FromSeconds(callsOptions.Value.WaitSeconds), time);
        if (call.Session is not null)
            return;
        var refusal = await sip.RejectAsync(Unavailable, CancellationToken.None);
        while (sip.IsBeingAnswered)
        {
            await Task.Delay(DecisionTime, time);
            if (call.Session is null)
                refusal = await sip.RejectAsync(Unavailable, CancellationToken.None);
        }

        if (refusal?.Error.Code != AlreadyDecided)
            Report(call.Id, refusal);
        if (call.Session is null)
            directory.Remove(call);
    }

    // Answers a call within the limits and follows it from there.
    private async ValueTask<SessionRefusal?> AnswerAsync(SipCall sip, JsonElement asked, CancellationToken cancellationToken)
    {
        string id = sip.Control.Id;
        if (directory.Find(id) is not { } call)
            return CallAccess.NotFound;
        var fields = SipSession.Of(sip.Route);
        if (asked.ValueKind == JsonValueKind.Object)
            EventJson.Merge(fields, JsonObject.Create(asked)!);
        var request = new VoiceSessionRequest
        {
            SessionId = RealtimeIds.New("sess"),
            InitialSession = JsonSerializer.SerializeToElement(fields),
            Transport = TransportId,
            Caller = call.Owner,
        };
        bool isAdmitted = false;
        CallSideband? sideband = null;
        var (session, refusal) = await host.OpenAsync(request, async (admitted, output, _) =>
        {
            isAdmitted = true;
            return await AcceptAsync(sip.Control, SipSession.ToAccept(admitted.InitialSession, options.Value)) is { } refused
                ? refused
                : EngineOpening.Of(sideband = sidebands.Follow(sip.Control, admitted, output, sip.Route.Greeting));
        }, CancellationToken.None, opened => directory.BeginAsync(call, opened));
        if (session is not null)
        {
            session.Start(new RemoteMedia(TransportId, sideband!.Warn));
            return null;
        }

        // Whoever waits for an answer gets one, unless the call is gone, somebody else took it, or it may be asked for again with better fields.
        bool mayAskAgain = sip.Route.Action == CallAction.Wait && refusal!.Status is (400 or 422);
        if (!isAdmitted)
            Report(id, await sip.Control.RejectAsync(Busy, CancellationToken.None));
        else if (!mayAskAgain && refusal!.Status is not (404 or 410) && refusal.Error.Code != AlreadyDecided)
            Report(id, await sip.Control.RejectAsync(Unavailable, CancellationToken.None));
        if (!mayAskAgain)
            directory.Remove(call);
        return refusal;
    }

    private async Task<SessionRefusal?> AcceptAsync(OpenAICall control, JsonElement session)
    {
        bool mayHaveWorked = false;
        var refusal = await TryAsync(async () =>
        {
            var refused = await control.AcceptAsync(session, CancellationToken.None);
            // A try whose answer was lost may have been the one that worked.
            if (mayHaveWorked && refused?.Error.Code == AlreadyDecided)
                return null;
            mayHaveWorked |= refused is { Status: >= 500 };
            return refused;
        });
        return refusal;
    }

    private async Task<SessionRefusal?> TryAsync(Func<ValueTask<SessionRefusal?>> act)
    {
        for (int tries = 0; ; tries++)
        {
            if (await act() is not { } refusal)
                return null;
            if (!OpenAICallsClient.IsTransient(refusal) || tries == Retries.Length)
                return refusal;
            await Task.Delay(Retries[tries], time);
        }
    }

    // The same number is the same caller; the log, the limits and the service get to know no more than that.
    private string CallerOf(IncomingCall incoming)
    {
        string? from = incoming.Headers.FirstOrDefault(header => header.Name.Equals("From", StringComparison.OrdinalIgnoreCase)).Value;
        return from is null ? "phone" : "phone_" + safety.Of(HeaderPattern.CallerIn(from), null)[..16];
    }

    private void Report(string callId, SessionRefusal? refusal)
    {
        if (refusal is not null)
            Log.NotDone(logger, callId, refusal.Status, refusal.Error.Code);
    }

    private static SessionRefusal NotConfigured { get; } = new(501, RealtimeError.Invalid("webhook_not_configured",
        "This server has no signing secret for webhooks, so it cannot take them. Its operator can set OPENAI_WEBHOOK_SECRET."));

    private static SessionRefusal NotSigned { get; } = new(400, RealtimeError.Invalid("invalid_signature",
        "The webhook's signature does not verify, or its timestamp is more than 300 seconds off."));

    private static SessionRefusal NotAnEvent { get; } = new(400, RealtimeError.Invalid("invalid_webhook", "The body is not a webhook event that can be read."));

    private static SessionRefusal Overrun { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "too_many_calls", "Too many calls ring at once. Deliver this again."),
        TimeSpan.FromSeconds(1));

    private static partial class Log
    {
        [LoggerMessage(2221, LogLevel.Information, "Call {CallId} rings: route {Route}, {Action}, media {Media}")]
        public static partial void Routed(ILogger logger, string callId, string route, CallAction action, string media);

        [LoggerMessage(2222, LogLevel.Warning, "Webhooks were refused, {Count} since this was last said: their signature does not verify or is stale")]
        public static partial void NotSigned(ILogger logger, int count);

        [LoggerMessage(2223, LogLevel.Debug, "A webhook of type {Type} is not for us")]
        public static partial void Passed(ILogger logger, string type);

        [LoggerMessage(2224, LogLevel.Information, "Call {CallId} was announced again")]
        public static partial void Repeated(ILogger logger, string callId);

        [LoggerMessage(2225, LogLevel.Warning, "Call {CallId} was not handled as its route says: HTTP {Status} {Code}")]
        public static partial void NotDone(ILogger logger, string callId, int status, string? code);

        [LoggerMessage(2226, LogLevel.Error, "Call {CallId} could not be handled")]
        public static partial void Failed(ILogger logger, string callId, Exception exception);
    }
}

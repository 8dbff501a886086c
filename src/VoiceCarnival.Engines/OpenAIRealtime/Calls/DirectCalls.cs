using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>
/// WebRTC calls between a browser and the service: set up through this server, which adds the key and learns the call id, or reported to it afterwards. Either way the
/// call is a session here, within the limits, followed over its sideband and hung up when it ends.
/// </summary>
internal sealed class DirectCalls(
    VoiceSessionHost host, CallDirectory directory, SessionPolicy policy, OpenAICallsClient client, CallSidebands sidebands, SafetyIdentifier safety,
    IOptions<OpenAIOptions> options, IOptions<CallsOptions> calls) : ICallExchange, ICallReports
{
    /// <summary>Transport of these calls in settings, logs and metrics.</summary>
    public const string TransportId = "webrtc-direct";

    /// <inheritdoc/>
    public string Transport => TransportId;

    /// <inheritdoc/>
    public bool IsOpenTo(Caller caller) => policy.AllowsDirectCalls(caller);

    /// <inheritdoc/>
    public async ValueTask<CallOpening> OpenAsync(CallOffer offer, CancellationToken cancellationToken)
    {
        // 1. May this caller, at all?
        if (!policy.AllowsDirectCalls(offer.Caller))
            return NotAllowed;
        if (directory.Calls.Count(call => call.IsOwnedBy(offer.Caller)) >= calls.Value.MaxPerSecret)
            return TooMany;

        // 2. Exchange. Not cancelled with the caller: a call that was made without us knowing its id could not be ended. From there on it is ours to follow.
        OpenAICall? control = null;
        VoiceCall? call = null;
        CallSideband? sideband = null;
        ReadOnlyMemory<byte> answer = default;
        var request = Request(offer.Caller, offer.RemoteAddress, Bound(offer)) with { Model = offer.Model };
        var (session, refusal) = await host.OpenAsync(request, async (admitted, output, _) =>
        {
            var fields = Fields(admitted);
            policy.Pin(fields, offer.Caller);
            var created = await client.CreateAsync(offer.Sdp, fields, safety.Of(offer.Caller.Name, offer.RemoteAddress), CancellationToken.None);
            if (created.Refusal is { } refused)
                return refused;
            answer = created.Answer;
            control = sidebands.Control(created.CallId!);
            return EngineOpening.Of(sideband = sidebands.Follow(control, admitted, output, guard: GuardOf(offer.Caller, fields)));
        }, CancellationToken.None, opened =>
        {
            var entry = new VoiceCall(control!.Id, TransportId, offer.Caller, control);
            if (!directory.TryAdd(entry, calls.Value.MaxPerSecret))
            {
                opened.End(new SessionTermination(TerminationKind.Operator, "one call too many"));
                return ValueTask.CompletedTask;
            }

            call = entry;
            return directory.BeginAsync(entry, opened);
        });
        if (session is null)
            return refusal!;
        if (call is null)
            return TooMany;
        Start(session, sideband!);
        if (cancellationToken.IsCancellationRequested)
            session.End(new SessionTermination(TerminationKind.CallerLost, "the caller left during the exchange"));
        return new CallOpening(call, answer, null);
    }

    /// <inheritdoc/>
    public async ValueTask<CallOpening> TakeAsync(string callId, Caller caller, IPAddress? remoteAddress, CancellationToken cancellationToken)
    {
        if (directory.Find(callId) is { } known)
            return known.IsOwnedBy(caller) || caller.IsTrusted || caller.Kind == CallerKind.Anonymous ? new CallOpening(known, default, null) : CallAccess.NotFound;
        // Whom the policy keeps from calls like this has none of its own; then it is another's, and to be left alone.
        if (!policy.AllowsDirectCalls(caller))
            return NotAllowed;
        var control = sidebands.Control(callId);
        var call = new VoiceCall(callId, TransportId, caller, control);
        if (!directory.TryAdd(call, calls.Value.MaxPerSecret))
            return TooMany;
        CallSideband? sideband = null;
        var (session, refusal) = await host.OpenAsync(Request(caller, remoteAddress, caller.BoundSession),
            (admitted, output, _) => ValueTask.FromResult(EngineOpening.Of(sideband = sidebands.Follow(control, admitted, output, guard: GuardOf(caller, Fields(admitted))))), cancellationToken,
            opened => directory.BeginAsync(call, opened));
        if (session is null)
        {
            // There is no room for a call that runs already, so it must not go on.
            directory.Remove(call);
            await control.EndAsync();
            return refusal!;
        }

        Start(session, sideband!);
        return new CallOpening(call, default, null);
    }

    private static void Start(VoiceSession session, CallSideband sideband) => session.Start(new RemoteMedia(TransportId, sideband.Warn));

    private CallGuard? GuardOf(Caller caller, JsonObject fields) => policy.Agree(caller, fields) is { } agreed ? new CallGuard(agreed) : null;

    private static VoiceSessionRequest Request(Caller caller, IPAddress? remoteAddress, JsonElement session) => new()
    {
        SessionId = RealtimeIds.New("sess"),
        Type = session.ValueKind == JsonValueKind.Object && session.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "realtime",
        InitialSession = session,
        Transport = TransportId,
        Caller = caller,
        RemoteAddress = remoteAddress,
    };

    private JsonObject Fields(VoiceSessionRequest admitted) => SessionDefaults.Under(admitted.InitialSession, options.Value);

    // What was minted into the secret, under it the query's model, over it the call's own fields.
    private static JsonElement Bound(CallOffer offer)
    {
        var fields = new JsonObject();
        if (offer.Model is not null)
            fields["model"] = offer.Model;
        foreach (var layer in new[] { offer.Caller.BoundSession, offer.Session })
        {
            if (layer.ValueKind == JsonValueKind.Object)
                EventJson.Merge(fields, JsonObject.Create(layer)!);
        }

        return JsonSerializer.SerializeToElement(fields);
    }

    private static SessionRefusal NotAllowed { get; } = new(403, RealtimeError.Invalid("direct_calls_not_allowed",
        "This server's operator binds what callers may set, which cannot be done for media that go straight to the service. Use the WebSocket at /v1/realtime."));

    private static SessionRefusal TooMany { get; } = new(429, new RealtimeError("rate_limit_error", "too_many_calls",
        "You have as many calls as you may have at a time. Hang one up first."), TimeSpan.FromSeconds(5));
}

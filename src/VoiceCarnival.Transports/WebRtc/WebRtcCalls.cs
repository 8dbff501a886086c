using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.WebRtc.Network;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>Answers offers of browsers whose media come to this server, whatever engine is behind it.</summary>
internal sealed class WebRtcCalls(
    VoiceSessionHost host, CallDirectory directory, MediaPort port, PeerServices peers, PeerDemultiplexer demultiplexer, RtpMedia media, ILogger<WebRtcCalls> logger) : ICallExchange
{
    /// <summary>Transport of these calls in settings, logs and metrics.</summary>
    public const string TransportId = "webrtc";

    private readonly ConcurrentDictionary<string, WebRtcCall> _returning = new(StringComparer.Ordinal);
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public string Transport => TransportId;

    /// <summary>What all peers share.</summary>
    public PeerServices Peers => peers;

    /// <summary>The audio of calls.</summary>
    public RtpMedia Media => media;

    /// <summary>For what happens to calls.</summary>
    public ILogger Logger => logger;

    /// <summary>Why no call can be taken; null when they can.</summary>
    public string? Problem => !peers.Options.Enabled ? "The operator has switched WebRTC off." : port.Open(demultiplexer) ? null : port.Problem ?? "This server is stopping.";

    /// <inheritdoc/>
    public bool IsOpenTo(Caller caller) => peers.Options.Enabled;

    /// <inheritdoc/>
    public bool TakesReturning => true;

    /// <inheritdoc/>
    public bool IsPreferred => peers.Options.PreferOverDirect;

    /// <inheritdoc/>
    public async ValueTask<CallOpening> OpenAsync(CallOffer offer, CancellationToken cancellationToken)
    {
        // 1. Can it be answered at all?
        if (Problem is { } problem)
            return new SessionRefusal(503, new RealtimeError(RealtimeError.ServerError, "transport_unavailable", problem), TimeSpan.FromSeconds(30));
        if (port.IsForThisMachine && !MediaPort.IsHere(offer.RemoteAddress))
            return NotFromElsewhere;
        if (Read(offer.Sdp, out var read) is { } unreadable)
            return unreadable;
        VoiceSession? former = null;
        if (offer.ResumeToken is { } token && (former = host.FindByToken(token)) is null)
            return UnknownToken;
        var call = new WebRtcCall(RealtimeIds.New("rtc"), read!, this);
        if (!call.TryAnswer(read!, port.CandidatesFor(offer.RemoteAddress), out var answer, out var error))
        {
            call.Peer.Dispose();
            return Invalid(error!);
        }

        // 2. A call that comes back has its session already.
        if (former is not null)
        {
            var returning = new VoiceCall(call.Id, TransportId, former.Call?.Owner ?? offer.Caller, call);
            directory.TryAdd(returning);
            call.Return(former, offer.ResumeToken!, returning);
            Await(former, call);
            return new CallOpening(returning, answer, null);
        }

        // 3. A new one needs room and an engine.
        var entry = new VoiceCall(call.Id, TransportId, offer.Caller, call);
        SessionOpening opening;
        try
        {
            opening = await host.OpenAsync(Request(offer), cancellationToken, opened =>
            {
                directory.TryAdd(entry);
                return directory.BeginAsync(entry, opened);
            });
        }
        catch
        {
            call.Peer.Dispose();
            throw;
        }

        if (opening.Session is not { } session)
        {
            call.Peer.Dispose();
            return opening.Refusal!;
        }

        call.Begin(session, entry);
        if (cancellationToken.IsCancellationRequested)
            session.End(new SessionTermination(TerminationKind.CallerLost, "the caller left during the exchange"));
        // The engine took longer to open than a caller is waited for.
        return call.Peer.HasEnded ? TooLate : new CallOpening(entry, answer, null);
    }

    /// <summary>Answers a further offer for a call.</summary>
    public CallRenegotiation Renegotiate(WebRtcCall call, ReadOnlyMemory<byte> sdp)
    {
        if (Read(sdp, out var offer) is { } unreadable)
            return unreadable;
        return port.Open(demultiplexer) ? call.Renegotiate(offer!, port.CandidatesFor(call.Peer.Remote?.Address)) : CallAccess.NotFound;
    }

    /// <summary>Gives a session that a call came back to its new line. The token is spent by it.</summary>
    public bool TryReturn(WebRtcCall call, VoiceSession session, string token, VoiceConnection connection, VoiceCall entry)
    {
        _returning.TryRemove(KeyValuePair.Create(session.Id, call));
        if (!ReferenceEquals(host.FindByToken(token), session))
            return false;
        directory.Begin(entry, session);
        return session.Resume(connection);
    }

    /// <summary>Takes a call that never got a session out of the directory.</summary>
    public void Forget(WebRtcCall call, VoiceSession session, VoiceCall entry)
    {
        _returning.TryRemove(KeyValuePair.Create(session.Id, call));
        directory.Remove(entry);
    }

    // A session waits for one call at a time: the newest, since a browser that calls again has given up the one before. What waits counts in no limit.
    private void Await(VoiceSession session, WebRtcCall call)
    {
        WebRtcCall? former = null;
        _returning.AddOrUpdate(session.Id, call, (_, before) =>
        {
            former = before;
            return call;
        });
        if (former is null)
            _ = WatchAsync(session);
        else
            former.GiveUp();
    }

    // With the session goes the call that waits for it.
    private async Task WatchAsync(VoiceSession session)
    {
        await session.Ended;
        if (_returning.TryGetValue(session.Id, out var call))
            call.GiveUp();
    }

    private static SessionRefusal? Read(ReadOnlyMemory<byte> sdp, out WebRtcOffer? offer)
    {
        offer = null;
        string text;
        try
        {
            text = Utf8.GetString(sdp.Span);
        }
        catch (ArgumentException)
        {
            return Invalid(new SdpError(0, "The offer is not UTF-8."));
        }

        return SessionDescription.TryRead(text, out var description, out var error) && WebRtcOffer.TryRead(description, out offer, out error) ? null : Invalid(error);
    }

    private static SessionRefusal Invalid(SdpError error) => new(400, RealtimeError.Invalid("invalid_offer", $"The SDP offer cannot be answered. {error}", "sdp"));

    private static VoiceSessionRequest Request(CallOffer offer)
    {
        var session = Bound(offer);
        return new VoiceSessionRequest
        {
            SessionId = RealtimeIds.New("sess"),
            Model = offer.Model,
            Type = session.ValueKind == JsonValueKind.Object && session.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "realtime",
            InitialSession = session,
            Transport = TransportId,
            Caller = offer.Caller,
            RemoteAddress = offer.RemoteAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : offer.RemoteAddress,
        };
    }

    // What was minted into the secret, over it the call's own fields.
    private static JsonElement Bound(CallOffer offer)
    {
        if (offer.Session.ValueKind != JsonValueKind.Object)
            return offer.Caller.BoundSession;
        if (offer.Caller.BoundSession.ValueKind != JsonValueKind.Object)
            return offer.Session;
        var fields = JsonObject.Create(offer.Caller.BoundSession)!;
        SessionFields.Merge(fields, JsonObject.Create(offer.Session)!);
        return JsonSerializer.SerializeToElement(fields);
    }

    private static SessionRefusal NotFromElsewhere { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "transport_unavailable",
        "This server takes the sound of calls from its own machine only, since that is where it listens for HTTP. Its operator can set VoiceCarnival:WebRtc:PublicAddress, "
        + "VoiceCarnival:WebRtc:Addresses or VoiceCarnival:WebRtc:ThisMachineOnly."));

    private static SessionRefusal TooLate { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "engine_slow",
        "The engine took too long to open the session. Try again."), TimeSpan.FromSeconds(5));

    private static SessionRefusal UnknownToken { get; } = new(404, RealtimeError.Invalid("resume_token_invalid",
        "The session to come back to has ended, or its token was used already. Open a new session.", "resume"));
}

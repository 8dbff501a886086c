using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>Lets a server take WebRTC calls whose media are none: a test is at the other end of each call's data channel.</summary>
internal sealed class DataChannelCalls(VoiceSessionHost host, CallDirectory directory) : ICallExchange
{
    private readonly ConcurrentDictionary<string, VoiceSession> _sessions = new(StringComparer.Ordinal);

    public string Transport => "webrtc";

    public async ValueTask<CallOpening> OpenAsync(CallOffer offer, CancellationToken cancellationToken)
    {
        var request = new VoiceSessionRequest { SessionId = RealtimeIds.New("sess"), InitialSession = offer.Session, Transport = Transport, Caller = offer.Caller };
        var (session, refusal) = await host.OpenAsync(request, cancellationToken);
        if (session is null)
            return refusal!;
        var call = new VoiceCall(RealtimeIds.New("rtc"), Transport, offer.Caller, new Control());
        _sessions[call.Id] = session;
        directory.TryAdd(call);
        directory.Begin(call, session);
        session.Start(new RemoteMedia(Transport));
        return new CallOpening(call, "v=0\r\n"u8.ToArray(), null);
    }

    /// <summary>The caller sends an event over its data channel.</summary>
    public ValueTask SendAsync(string callId, string json) => _sessions[callId].ReceiveEventAsync(Encoding.UTF8.GetBytes(json), CancellationToken.None);

    /// <summary>The conversation of a call.</summary>
    public VoiceSession Session(string callId) => _sessions[callId];

    private sealed class Control : ICallControl
    {
        public ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(CallAccess.NotFound);

        public ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(CallAccess.NotFound);

        public ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(CallAccess.NotFound);

        public ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(null);
    }
}

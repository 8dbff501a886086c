using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>
/// One connection beside a call's own: it gets every event and no audio, and may send events. What the engine answers reaches everybody, as on one data channel;
/// what is refused here is told to whoever asked. Its slowness or end never touches the call.
/// </summary>
public sealed class Sideband
{
    private readonly VoiceSession _session;
    private readonly SessionPolicy? _policy;
    private readonly bool _hidesFields;
    private readonly RefusalAllowance _refusals;

    internal Sideband(VoiceSession session, VoiceConnection connection, Caller caller, SessionPolicy policy)
    {
        _session = session;
        Connection = connection;
        _policy = policy.Restricts(caller) ? policy : null;
        _hidesFields = policy.HidesFrom(caller);
        _refusals = session.NewRefusalAllowance();
    }

    internal VoiceConnection Connection { get; }

    /// <summary>One event from whoever is at this sideband. Bad bytes never throw.</summary>
    public ValueTask ReceiveEventAsync(ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        var kind = ClientEventPeek.KindOf(utf8Json.Span);
        if (kind == ClientEventKind.Ping)
        {
            if (SessionExtensions.PongTo(utf8Json) is { } pong)
                Connection.WriteEvent(ServerEventTypes.Pong, pong);
            return ValueTask.CompletedTask;
        }

        if (kind is ClientEventKind.Playout or ClientEventKind.HangUp)
            return ValueTask.CompletedTask; // nothing is played here, and the call is another's
        if (kind == ClientEventKind.Malformed)
        {
            // What is behind it is shared with the caller; only events go there.
            Refuse(NotAnEvent, null);
            return ValueTask.CompletedTask;
        }

        string? eventId = null;
        if (_policy?.CheckEvent(kind, utf8Json, out eventId) is { } refused)
        {
            Refuse(refused, eventId);
            return ValueTask.CompletedTask;
        }

        return _session.SendToEngineAsync(kind, utf8Json, cancellationToken);
    }

    /// <summary>Tells whoever is at it that an event was not taken; too many end this sideband, not the call.</summary>
    public void Refuse(RealtimeError error, string? clientEventId)
    {
        Connection.WriteEvent(ServerEventTypes.Error, SessionExtensions.ErrorEvent(error, clientEventId));
        if (!_session.TryTakeRefusal(_refusals))
            Connection.Close(RefusalAllowance.UsedUp);
    }

    private static RealtimeError NotAnEvent { get; } = RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent, "The message is not a JSON object with a string 'type'.");

    internal void Write(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (!_hidesFields || OperatorFields.TryHide(ref utf8Json))
            Connection.WriteEvent(type, utf8Json);
    }
}

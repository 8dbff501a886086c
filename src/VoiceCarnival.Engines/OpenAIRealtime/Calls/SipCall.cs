using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>A phone call at the service. Whether it is answered is decided once, by a route or over the API.</summary>
internal sealed class SipCall(OpenAICall control, CallRoute route, string callerName, Func<SipCall, JsonElement, CancellationToken, ValueTask<SessionRefusal?>> answer) : ICallControl
{
    private int _isDecided;
    private volatile bool _isBeingAnswered;

    public OpenAICall Control => control;

    public CallRoute Route => route;

    /// <summary>Stands for the caller in limits and logs; not the number.</summary>
    public string CallerName => callerName;

    /// <summary>Somebody accepts it just now; whether that succeeds is not known yet.</summary>
    public bool IsBeingAnswered => _isBeingAnswered;

    /// <summary>True for the first who asks.</summary>
    public bool TryDecide() => Interlocked.Exchange(ref _isDecided, 1) == 0;

    public async ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken)
    {
        if (!TryDecide())
            return Decided;
        _isBeingAnswered = true;
        try
        {
            var refusal = await answer(this, session, cancellationToken);
            if (refusal is { Status: 400 or 422 }) // wrong fields: the call still rings
                Volatile.Write(ref _isDecided, 0);
            return refusal;
        }
        finally
        {
            _isBeingAnswered = false;
        }
    }

    public async ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken)
    {
        if (!TryDecide())
            return Decided;
        var refusal = await control.RejectAsync(statusCode, cancellationToken);
        if (refusal is not null && OpenAICallsClient.IsTransient(refusal))
            Volatile.Write(ref _isDecided, 0);
        return refusal;
    }

    public ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken) => control.ReferAsync(targetUri, cancellationToken);

    public ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken) => control.HangupAsync(cancellationToken);

    private static SessionRefusal Decided { get; } = new(400, RealtimeError.Invalid("decision_already_made", "This call was accepted or rejected already.", "call_id"));
}

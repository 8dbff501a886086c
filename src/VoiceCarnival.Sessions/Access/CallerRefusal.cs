using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Request feature of an authentication scheme that did not accept its caller: what the caller is answered.</summary>
public sealed record CallerRefusal(SessionRefusal Refusal)
{
    /// <summary>The key or token is wrong.</summary>
    public static CallerRefusal Unauthorized(string message) =>
        new(new SessionRefusal(401, RealtimeError.Invalid(RealtimeErrorCodes.InvalidApiKey, message)));
}

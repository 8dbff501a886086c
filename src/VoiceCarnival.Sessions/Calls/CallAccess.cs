using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>Who may see and steer calls that are not their own.</summary>
public static class CallAccess
{
    /// <summary>What strangers are told too, so that call ids cannot be tried out.</summary>
    public static SessionRefusal NotFound { get; } = new(404, RealtimeError.Invalid("call_not_found",
        "There is no call with this id here that you may reach. It may have ended, or not have begun yet.", "call_id"));

    /// <summary>True for the operator's own systems, and for callers on the machine itself where those need none.</summary>
    public static bool IsOperator(Caller caller, bool isLoopback) =>
        caller.IsTrusted || (caller.Kind == CallerKind.Anonymous && isLoopback);
}

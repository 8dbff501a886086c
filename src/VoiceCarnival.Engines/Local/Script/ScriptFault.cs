using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Script;

/// <summary>What goes wrong on purpose.</summary>
public enum ScriptFaultKind
{
    /// <summary>An <c>error</c> event; the session goes on.</summary>
    Error,

    /// <summary>A message that is not JSON; the session goes on.</summary>
    Malformed,

    /// <summary>The session expires now: <c>session_expired</c>, then close 1001.</summary>
    Expire,

    /// <summary>The line is cut without a goodbye.</summary>
    Drop,

    /// <summary>The line is closed with a code.</summary>
    Close,
}

/// <summary>A fault, ready to happen.</summary>
public sealed record ScriptFault(ScriptFaultKind Kind, RealtimeError? Error = null, int? Code = null, string? Reason = null);

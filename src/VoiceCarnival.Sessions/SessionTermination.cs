using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>Why a session ended, for the caller, the log line and the metrics alike.</summary>
/// <param name="Kind">The family.</param>
/// <param name="Reason">A short phrase, free of secrets and of what was said.</param>
/// <param name="Error">The error the caller should see before the line closes, if any.</param>
public sealed record SessionTermination(TerminationKind Kind, string Reason, RealtimeError? Error = null)
{
    /// <summary>The caller hung up.</summary>
    public static SessionTermination CallerClosed { get; } = new(TerminationKind.CallerClosed, "closed by caller");

    /// <summary>The WebSocket close code to use instead of the one that fits <see cref="Kind"/>.</summary>
    public int? CloseCode { get; init; }

    /// <summary>The caller hears what is queued first, where this server plays it: an agent that hangs up has said goodbye.</summary>
    public bool AfterPlayout { get; init; }

    /// <summary>Cut the line without a goodbye, as a failing network does. Only for tests of callers.</summary>
    public bool Abrupt { get; init; }
}

/// <summary>Families of session ends; values of the <c>termination</c> tag in metrics.</summary>
public enum TerminationKind
{
    /// <summary>The caller closed the line in an orderly way.</summary>
    CallerClosed,

    /// <summary>The line to the caller broke and nobody came back in time.</summary>
    CallerLost,

    /// <summary>The caller sent what the transport cannot take (an oversized message, a broken frame).</summary>
    CallerFault,

    /// <summary>The caller did not read what was sent in time.</summary>
    SlowReader,

    /// <summary>Nothing came from the caller for too long.</summary>
    Idle,

    /// <summary>The session reached its longest allowed life.</summary>
    Expired,

    /// <summary>The engine failed or broke off.</summary>
    EngineFailed,

    /// <summary>This server is shutting down; callers may retry elsewhere.</summary>
    ServerShutdown,

    /// <summary>The operator, or a limit of the operator's, ended it.</summary>
    Operator,

    /// <summary>A defect of ours; the log has the exception.</summary>
    ServerFault,
}

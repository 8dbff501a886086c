using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// Close codes as OpenAI uses them (reference, section 1.3). Official clients try again after 1001, 1005, 1006, 1011, 1012 and 1013, and take every
/// other code as final.
/// </summary>
internal static class WebSocketCloseCode
{
    public const int InvalidRequest = 4000;
    public const int InvalidApiKey = 3000;
    public const int MessageTooBig = 1009;

    /// <summary>From a caller: this line is given up, the session is not. Browsers cannot send 1001 themselves.</summary>
    public const int ComingBack = 4100;
    private const int ServiceRestart = 1012;
    private const int LongestReason = 123;

    public static (int Code, string Reason) Of(SessionTermination termination)
    {
        int code = termination.CloseCode ?? termination.Kind switch
        {
            TerminationKind.CallerClosed or TerminationKind.CallerLost => 1000,
            TerminationKind.Expired => 1001,
            TerminationKind.CallerFault => 1002,
            TerminationKind.SlowReader => 1008,
            TerminationKind.Idle or TerminationKind.Operator => InvalidRequest,
            TerminationKind.ServerShutdown => ServiceRestart,
            _ => 1011,
        };
        // 4000 and 3000 carry "<type>.<code>" as their reason, so that callers who see only the close know what happened.
        string reason = code is InvalidRequest or InvalidApiKey && termination.Error is { } error ? ReasonOf(error) : termination.Reason;
        return (code, Shorten(reason));
    }

    public static string ReasonOf(RealtimeError error) => $"{error.Type}.{error.Code}";

    private static string Shorten(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > LongestReason)
            reason = reason[..^1];
        return reason;
    }
}

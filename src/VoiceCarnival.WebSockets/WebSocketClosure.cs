namespace VoiceCarnival.WebSockets;

/// <summary>How a line ended.</summary>
/// <param name="Code">The peer's close code; <see cref="NoCode"/> or <see cref="Lost"/> when there was none.</param>
/// <param name="Reason">The peer's reason, or ours when <paramref name="Fault"/> is set.</param>
/// <param name="Fault">What the peer did wrong, when that ended the line.</param>
/// <param name="Failure">What the receiver or the abort callback threw, when that ended the line: a defect of ours.</param>
public readonly record struct WebSocketClosure(int Code, string Reason, WebSocketFault? Fault = null, Exception? Failure = null)
{
    /// <summary>An orderly end.</summary>
    public const int Normal = 1000;

    /// <summary>The peer goes away, such as a server that restarts.</summary>
    public const int GoingAway = 1001;

    /// <summary>Broken framing.</summary>
    public const int ProtocolError = 1002;

    /// <summary>The peer's close frame had no code.</summary>
    public const int NoCode = 1005;

    /// <summary>The line broke without a close frame.</summary>
    public const int Lost = 1006;

    /// <summary>Text that is not UTF-8.</summary>
    public const int InvalidPayload = 1007;

    /// <summary>A message that is too large.</summary>
    public const int TooBig = 1009;

    /// <summary>A defect at the end that closes.</summary>
    public const int InternalError = 1011;

    /// <summary>The peer closed in an orderly way.</summary>
    public bool IsOrderly => Code != Lost && Fault is null && Failure is null;

    internal static WebSocketClosure Broken(string reason) => new(Lost, reason);

    // Codes a peer may send (RFC 6455, section 7.4; registry): not those kept for reporting inside an endpoint.
    internal static bool IsSendable(int code) => code is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;
}

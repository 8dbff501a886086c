namespace VoiceCarnival.Protocols.Sip;

/// <summary>What is wrong with received bytes or a request, and how to answer.</summary>
/// <param name="Status">The status to answer a request with; 0 when nothing can or should be answered.</param>
/// <param name="Reason">What is wrong, as a reason phrase: short, ASCII, nothing of the message in it.</param>
public sealed record SipFault(int Status, string Reason)
{
    internal static SipFault Drop(string reason) => new(0, reason);

    internal static SipFault Bad(string reason) => new(400, reason);
}

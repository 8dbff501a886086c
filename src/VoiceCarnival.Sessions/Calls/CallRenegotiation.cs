namespace VoiceCarnival.Sessions.Calls;

/// <summary>Outcome of a further offer for a call that runs: an SDP answer or a refusal, never both.</summary>
/// <param name="Answer">SDP, UTF-8.</param>
/// <param name="Refusal">Why there is none.</param>
public readonly record struct CallRenegotiation(ReadOnlyMemory<byte> Answer, SessionRefusal? Refusal)
{
    /// <summary>There is no answer; all stays as it was.</summary>
    public static implicit operator CallRenegotiation(SessionRefusal refusal) => new(default, refusal);
}

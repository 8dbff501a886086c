namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>Whoever answered an INVITE.</summary>
public interface ISipServerUser
{
    /// <summary>The refusal was never acknowledged, or the response could not be sent.</summary>
    void OnUnacknowledged(SipTransaction transaction);
}

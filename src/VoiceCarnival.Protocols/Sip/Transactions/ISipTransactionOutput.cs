namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>What takes messages that are to be sent.</summary>
public interface ISipTransactionOutput
{
    /// <summary>Takes one.</summary>
    void Send(SipTransmit transmit);
}

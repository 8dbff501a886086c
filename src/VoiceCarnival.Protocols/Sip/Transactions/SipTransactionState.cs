namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>How far a transaction is. Not each kind has each of them.</summary>
public enum SipTransactionState
{
    /// <summary>Nothing has been answered.</summary>
    Trying,

    /// <summary>There was a provisional response.</summary>
    Proceeding,

    /// <summary>There was a final response, of an INVITE one that refuses.</summary>
    Completed,

    /// <summary>The refusal of an INVITE was acknowledged.</summary>
    Confirmed,

    /// <summary>An INVITE was accepted: copies of it, or of its response, are still taken (RFC 6026).</summary>
    Accepted,

    /// <summary>It is over.</summary>
    Terminated,
}

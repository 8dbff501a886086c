namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>Whoever sent a request.</summary>
public interface ISipClientUser
{
    /// <summary>There is a response: any provisional, the first final one, and each 2xx to an INVITE.</summary>
    void OnResponse(SipTransaction transaction, SipMessage response, TimeSpan now);

    /// <summary>There was no final response in time, which is as good as 408, or the request could not be sent, which is as good as 503.</summary>
    void OnFailed(SipTransaction transaction, int status, TimeSpan now);
}

namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>Another request than INVITE and ACK that we received (RFC 3261, section 17.2.2).</summary>
public sealed class NonInviteServerTransaction : ServerTransaction
{
    private TimeSpan? _timeout;

    internal NonInviteServerTransaction(SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output)
        : base(request, target, timers, output, KeyOf(request, request.Method))
    {
    }

    /// <inheritdoc/>
    public override TimeSpan? NextDeadline => _timeout;

    /// <inheritdoc/>
    public override void Respond(int status, byte[] response, TimeSpan now)
    {
        if (State is not (SipTransactionState.Trying or SipTransactionState.Proceeding))
            return;
        Last = response;
        State = SipTransactionState.Proceeding;
        if (status >= 200)
        {
            State = IsReliable ? SipTransactionState.Terminated : SipTransactionState.Completed;
            _timeout = IsReliable ? null : now + Timers.Timeout; // Timer J
            ForgetRequest();
        }

        Send(response);
    }

    /// <inheritdoc/>
    public override void ReceiveAgain(TimeSpan now)
    {
        if (Last is not null && State != SipTransactionState.Terminated)
            Send(Last);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(TimeSpan now)
    {
        if (now >= _timeout)
        {
            State = SipTransactionState.Terminated;
            _timeout = null;
        }
    }

    /// <inheritdoc/>
    public override void OnSendFailed(TimeSpan now)
    {
        State = SipTransactionState.Terminated;
        _timeout = null;
    }
}

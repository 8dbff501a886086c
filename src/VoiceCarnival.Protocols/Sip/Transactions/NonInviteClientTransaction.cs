namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>Another request than INVITE and ACK that we sent (RFC 3261, section 17.1.2).</summary>
public sealed class NonInviteClientTransaction : ClientTransaction
{
    private TimeSpan _interval;
    private TimeSpan? _resend;
    private TimeSpan? _timeout;

    internal NonInviteClientTransaction(SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, ISipClientUser user, TimeSpan now)
        : base(request, target, timers, output, user)
    {
        _interval = timers.T1;
        _resend = IsReliable ? null : now + _interval; // Timer E
        _timeout = now + timers.Timeout; // Timer F
        Send(request.Bytes);
    }

    /// <inheritdoc/>
    public override TimeSpan? NextDeadline => _resend < _timeout ? _resend : _timeout;

    /// <inheritdoc/>
    public override void Receive(SipMessage response, TimeSpan now)
    {
        if (State is not (SipTransactionState.Trying or SipTransactionState.Proceeding))
            return;
        if (response.Status < 200)
        {
            State = SipTransactionState.Proceeding;
        }
        else
        {
            State = IsReliable ? SipTransactionState.Terminated : SipTransactionState.Completed;
            _resend = null;
            _timeout = IsReliable ? null : now + Timers.T4; // Timer K
        }

        User.OnResponse(this, response, now);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(TimeSpan now)
    {
        if (now >= _timeout)
        {
            bool isUnanswered = State is SipTransactionState.Trying or SipTransactionState.Proceeding;
            State = SipTransactionState.Terminated;
            _resend = _timeout = null;
            if (isUnanswered)
                User.OnFailed(this, 408, now);
        }
        else if (now >= _resend)
        {
            _interval = State == SipTransactionState.Proceeding ? Timers.T2 : Timers.Next(_interval);
            _resend = now + _interval;
            Send(Request.Bytes);
        }
    }
}

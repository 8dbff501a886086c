namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>An INVITE that we received (RFC 3261, section 17.2.1; RFC 6026, section 7.1).</summary>
public sealed class InviteServerTransaction : ServerTransaction
{
    private byte[]? _tryingResponse;
    private TimeSpan? _trying;
    private TimeSpan _interval;
    private TimeSpan? _resend;
    private TimeSpan? _timeout;

    internal InviteServerTransaction(
        SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, byte[] trying, TimeSpan now)
        : base(request, target, timers, output, KeyOf(request, SipMethod.Invite))
    {
        State = SipTransactionState.Proceeding;
        _tryingResponse = trying;
        _trying = now + timers.Trying;
    }

    /// <inheritdoc/>
    public override TimeSpan? NextDeadline => Earlier(_trying, Earlier(_resend, _timeout));

    /// <inheritdoc/>
    public override void Respond(int status, byte[] response, TimeSpan now)
    {
        if (State == SipTransactionState.Accepted && status is >= 200 and < 300)
        {
            // The same again: that of a 2xx is for whoever answers to decide, not ours.
            Send(response);
            return;
        }

        if (State != SipTransactionState.Proceeding)
            return;
        _trying = null;
        Last = response;
        if (status >= 300)
        {
            State = SipTransactionState.Completed;
            _interval = Timers.T1;
            _resend = IsReliable ? null : now + _interval; // Timer G
            _timeout = now + Timers.Timeout; // Timer H
        }
        else if (status >= 200)
        {
            State = SipTransactionState.Accepted;
            _timeout = now + Timers.Timeout; // Timer L
            Last = null;
        }

        if (status >= 200)
        {
            _tryingResponse = null;
            ForgetRequest();
        }

        Send(response);
    }

    /// <inheritdoc/>
    public override void ReceiveAgain(TimeSpan now)
    {
        if (State is not (SipTransactionState.Proceeding or SipTransactionState.Completed))
            return;
        if (Last is null)
        {
            _trying = null;
            Last = _tryingResponse;
        }

        Send(Last);
    }

    /// <summary>Receives the ACK of a refusal.</summary>
    public void ReceiveAck(TimeSpan now)
    {
        if (State != SipTransactionState.Completed)
            return;
        State = IsReliable ? SipTransactionState.Terminated : SipTransactionState.Confirmed;
        _resend = null;
        _timeout = IsReliable ? null : now + Timers.T4; // Timer I
    }

    /// <inheritdoc/>
    public override void AdvanceTo(TimeSpan now)
    {
        if (now >= _trying)
        {
            _trying = null;
            Last = _tryingResponse;
            Send(Last);
        }

        if (now >= _timeout)
        {
            // A refusal that nobody acknowledges is as good as one that somebody does.
            State = SipTransactionState.Terminated;
            _resend = _timeout = null;
        }
        else if (now >= _resend)
        {
            _interval = Timers.Next(_interval);
            _resend = now + _interval;
            Send(Last);
        }
    }

    /// <inheritdoc/>
    public override void OnSendFailed(TimeSpan now)
    {
        // Nothing depends on a refusal; an answer that cannot be sent is repeated by whoever answered until its own time is up.
        State = SipTransactionState.Terminated;
        _trying = _resend = _timeout = null;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;
}

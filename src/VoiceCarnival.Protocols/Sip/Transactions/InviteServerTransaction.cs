namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>An INVITE that we received (RFC 3261, section 17.2.1; RFC 6026, section 7.1).</summary>
public sealed class InviteServerTransaction : ServerTransaction
{
    private readonly ISipServerUser _user;
    private readonly byte[] _tryingResponse;
    private TimeSpan? _trying;
    private byte[]? _last;
    private TimeSpan _interval;
    private TimeSpan? _resend;
    private TimeSpan? _timeout;

    internal InviteServerTransaction(
        SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, ISipServerUser user, byte[] trying, TimeSpan now)
        : base(request, target, timers, output, KeyOf(request, SipMethod.Invite))
    {
        State = SipTransactionState.Proceeding;
        _user = user;
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
            // The same again: that of a 2xx is the user's to decide, not ours.
            Send(response);
            return;
        }

        if (State != SipTransactionState.Proceeding)
            return;
        _trying = null;
        _last = response;
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
        }

        Send(response);
    }

    /// <inheritdoc/>
    public override void ReceiveAgain(TimeSpan now)
    {
        if (State is not (SipTransactionState.Proceeding or SipTransactionState.Completed))
            return;
        if (_last is null)
        {
            _trying = null;
            _last = _tryingResponse;
        }

        Send(_last);
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
            _last = _tryingResponse;
            Send(_last);
        }

        if (now >= _timeout)
        {
            bool isUnacknowledged = State == SipTransactionState.Completed;
            State = SipTransactionState.Terminated;
            _resend = _timeout = null;
            if (isUnacknowledged)
                _user.OnUnacknowledged(this);
        }
        else if (now >= _resend)
        {
            _interval = Timers.Next(_interval);
            _resend = now + _interval;
            Send(_last);
        }
    }

    /// <inheritdoc/>
    public override void OnSendFailed(TimeSpan now)
    {
        if (State == SipTransactionState.Terminated)
            return;
        State = SipTransactionState.Terminated;
        _trying = _resend = _timeout = null;
        _user.OnUnacknowledged(this);
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;
}

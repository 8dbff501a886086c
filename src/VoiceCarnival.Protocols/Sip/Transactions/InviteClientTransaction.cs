namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>An INVITE that we sent (RFC 3261, section 17.1.1; RFC 6026, section 7.2).</summary>
public sealed class InviteClientTransaction : ClientTransaction
{
    private byte[]? _ack;
    private TimeSpan _interval;
    private TimeSpan? _resend;
    private TimeSpan? _timeout;
    private bool _isGivenUp;

    internal InviteClientTransaction(SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, ISipClientUser user, TimeSpan now)
        : base(request, target, timers, output, user)
    {
        _interval = timers.T1;
        _resend = IsReliable ? null : now + _interval; // Timer A
        _timeout = now + timers.Timeout; // Timer B
        Send(request.Bytes);
    }

    /// <inheritdoc/>
    public override TimeSpan? NextDeadline => _resend < _timeout ? _resend : _timeout;

    /// <inheritdoc/>
    public override void Receive(SipMessage response, TimeSpan now)
    {
        switch (State)
        {
            case SipTransactionState.Trying or SipTransactionState.Proceeding when response.Status < 200:
                _timeout = !_isGivenUp ? null : State == SipTransactionState.Trying ? now + Timers.Timeout : _timeout;
                State = SipTransactionState.Proceeding;
                _resend = null;
                User.OnResponse(this, response, now);
                break;
            case SipTransactionState.Trying or SipTransactionState.Proceeding when response.Status < 300:
                State = SipTransactionState.Accepted;
                _resend = null;
                _timeout = now + Timers.Timeout; // Timer M
                User.OnResponse(this, response, now);
                break;
            case SipTransactionState.Trying or SipTransactionState.Proceeding:
                State = IsReliable ? SipTransactionState.Terminated : SipTransactionState.Completed;
                _resend = null;
                _timeout = IsReliable ? null : now + Timers.D; // Timer D
                _ack = BuildAck(response);
                Send(_ack);
                User.OnResponse(this, response, now);
                break;
            case SipTransactionState.Completed when response.Status >= 300:
                Send(_ack);
                break;
            case SipTransactionState.Accepted when response.Status is >= 200 and < 300:
                User.OnResponse(this, response, now);
                break;
        }
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
            _interval *= 2;
            _resend = now + _interval;
            Send(Request.Bytes);
        }
    }

    /// <summary>Nobody waits for the answer any more: from now on it has the time of any other request's, however often the peer says that it goes on (section 9.1).</summary>
    internal void GiveUp(TimeSpan now)
    {
        _isGivenUp = true;
        if (State == SipTransactionState.Proceeding)
            _timeout ??= now + Timers.Timeout;
    }

    /// <summary>Section 17.1.1.3: the INVITE's URI, branch and route, the response's To.</summary>
    private byte[] BuildAck(SipMessage response)
    {
        var writer = new SipWriter();
        writer.Request(SipMethod.Ack, System.Text.Encoding.UTF8.GetString(Request.Target));
        writer.Copy(Request, SipHeaderName.Via).Copy(Request, SipHeaderName.Route).Header(SipHeaderName.MaxForwards, 70);
        writer.Copy(Request, SipHeaderName.From).Copy(response, SipHeaderName.To).Copy(Request, SipHeaderName.CallId);
        return writer.Header(SipHeaderName.CSeq, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Request.CSeq.Number} ACK")).End();
    }
}

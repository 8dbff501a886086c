using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>A call that came to us, and requests of the peer within any call.</summary>
public sealed partial class SipCall
{
    private const string SdpType = "application/sdp";

    // The INVITE that is being answered, the first or a later one, and the 2xx that is repeated until its ACK comes (RFC 3261, section 13.3.1.4).
    private InviteServerTransaction? _invite;
    private byte[]? _ok;
    private TimeSpan _okInterval;
    private TimeSpan? _okResend;
    private TimeSpan? _okUntil;
    private bool _isAnswerInAck;
    private SessionDescription? _answer;

    // Provisional responses that are repeated until their PRACK comes (RFC 3262, section 3), one at a time.
    private readonly Queue<(int Status, SessionDescription? Sdp)> _provisionals = new();
    private byte[]? _reliable;
    private uint _reliableNumber;
    private TimeSpan _reliableInterval;
    private TimeSpan? _reliableResend;
    private TimeSpan? _reliableUntil;
    private bool _isAcceptWanted;

    /// <summary>Tells the caller that it rings: 180.</summary>
    public void Ring(TimeSpan now)
    {
        if (IsIncoming && State == SipCallState.Ringing && !_isAcceptWanted)
            Provide(180, null, now);
    }

    /// <summary>Lets the caller hear something before the call is answered: 183 with our audio. Only when he made an offer.</summary>
    /// <returns>False when there is nothing to agree on, or no time for it.</returns>
    public bool Progress(AudioNegotiation media, TimeSpan now)
    {
        if (!IsIncoming || State != SipCallState.Ringing || _isAcceptWanted || Offer is null || Media is not null || !media.TryAnswer(Offer, out var answer, out _))
            return false;
        Media = media;
        _answer = answer;
        Provide(183, answer, now);
        return true;
    }

    /// <summary>Answers the call: 200.</summary>
    /// <param name="media">Our side of the audio; what <see cref="Progress"/> was given, when it was.</param>
    /// <param name="now">The caller's clock.</param>
    /// <returns>False when there was nothing to agree on and the call was refused, or when it is not waiting any more.</returns>
    public bool Accept(AudioNegotiation media, TimeSpan now)
    {
        if (!IsIncoming || State != SipCallState.Ringing || _isAcceptWanted)
            return false;
        if (Media is null)
        {
            if (Offer is not null && !media.TryAnswer(Offer, out _answer, out _))
            {
                Refuse(488, now);
                return false;
            }

            Media = media;
        }

        _isAcceptWanted = true;
        // A description that is on its way has to arrive first (RFC 3262, section 5).
        if (_reliable is null && _provisionals.Count == 0)
            AcceptNow(now);
        Agent.Update(this);
        return true;
    }

    /// <summary>Refuses the call.</summary>
    /// <param name="status">From 300 to 699.</param>
    /// <param name="now">The caller's clock.</param>
    /// <param name="reason">A phrase; null for the usual one.</param>
    public void Refuse(int status, TimeSpan now, string? reason = null)
    {
        if (!IsIncoming || State != SipCallState.Ringing || status is < 300 or > 699)
            return;
        Respond(_invite!, status, reason, null, [], now);
        End(status, reason ?? SipResponses.Reason(status), now);
    }

    internal bool IsAnsweredBy(InviteServerTransaction transaction) => _invite == transaction;

    internal void ReceiveCancel(InviteServerTransaction invite, TimeSpan now)
    {
        // Too late when it was answered (section 9.2).
        if (!IsIncoming || State != SipCallState.Ringing || invite != _invite)
            return;
        Respond(invite, 487, null, null, [], now);
        End(487, "Cancelled", now);
    }

    internal void ReceiveAck(SipMessage ack, TimeSpan now)
    {
        if (_okUntil is null || _invite is null || ack.CSeq.Number != _invite.Request.CSeq.Number || State == SipCallState.Ended)
            return;
        _okUntil = _okResend = null;
        _ok = null;
        bool isFirst = State == SipCallState.Answered;
        State = SipCallState.Established;
        if (_isAnswerInAck)
        {
            _isAnswerInAck = false;
            if (SipBody.Read(ack, out var answer) is not null || answer is null || !Media!.TryAccept(answer, out _))
            {
                Media!.Withdraw();
                if (isFirst)
                {
                    Break(488, now);
                    return;
                }
            }
            else
            {
                Agent.Emit(new SipEvent(SipEventKind.Media, this));
            }
        }

        if (isFirst)
            Agent.Emit(new SipEvent(SipEventKind.Established, this));
        if (_isHangUpWanted)
            HangUp(now);
    }

    internal void ReceiveRequest(SipMessage request, SipPath path, TimeSpan now)
    {
        if (State == SipCallState.Ended || request.CSeq.Number <= _dialog.RemoteSequence)
        {
            // Out of order (section 12.2.2).
            Agent.Refuse(request, path, State == SipCallState.Ended ? 481 : 500);
            return;
        }

        _dialog.RemoteSequence = request.CSeq.Number;
        if (request.Method == SipMethod.Invite)
        {
            ReceiveReinvite(request, path, now);
            return;
        }

        var transaction = Agent.Transactions.Accept(request, SipUserAgent.Back(request, path));
        switch (request.Method)
        {
            case SipMethod.Bye:
                ReceiveBye(transaction, path, now);
                break;
            case SipMethod.Update:
                ReceiveUpdate(transaction, path, now);
                break;
            case SipMethod.Prack:
                ReceivePrack(transaction, path, now);
                break;
            case SipMethod.Info:
                Reply(transaction, path, 200, [], null, now);
                Agent.Emit(new SipEvent(SipEventKind.Info, this, 0, request.GetText(SipHeaderName.ContentType) ?? "", request.Body));
                break;
            case SipMethod.Options:
                Reply(transaction, path, 200, [(SipHeaderName.Accept, SdpType)], null, now);
                break;
            case SipMethod.Refer:
                ReceiveRefer(transaction, path, now);
                break;
            case SipMethod.Notify:
                ReceiveNotify(transaction, path, now);
                break;
            default:
                Reply(transaction, path, 405, [], null, now);
                break;
        }
    }

    private void AcceptNow(TimeSpan now)
    {
        _isAcceptWanted = false;
        _ringUntil = null;
        bool isAnswered = _reliableNumber > 0 && _answer is not null && _wasAnswerReliable;
        var sdp = Offer is null ? Media!.CreateOffer() : isAnswered ? null : _answer;
        _isAnswerInAck = Offer is null;
        State = SipCallState.Answered;
        SendOk(sdp, now);
        Replaces?.HangUp(now);
        if (Agreement is not null)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
    }

    private void SendOk(SessionDescription? sdp, TimeSpan now)
    {
        var headers = new List<(SipHeaderName, string)>();
        NegotiateSession(_invite!.Request, headers, now);
        _ok = Respond(_invite, 200, null, sdp, headers, now);
        _okInterval = Agent.Options.Timers.T1;
        _okResend = now + _okInterval;
        _okUntil = now + Agent.Options.Timers.Timeout;
    }

    private bool _wasAnswerReliable;

    private void Provide(int status, SessionDescription? sdp, TimeSpan now)
    {
        var request = _invite!.Request;
        bool isRequired = request.Lists(SipHeaderName.Require, "100rel"u8);
        if (!isRequired && (sdp is null || !request.Lists(SipHeaderName.Supported, "100rel"u8)))
        {
            Respond(_invite, status, null, sdp, [], now);
            return;
        }

        if (_provisionals.Count < 4)
            _provisionals.Enqueue((status, sdp));
        ProvideNext(now);
        Agent.Update(this);
    }

    private void ProvideNext(TimeSpan now)
    {
        if (_reliable is not null || !_provisionals.TryDequeue(out var next))
            return;
        if (_reliableNumber == 0)
            _reliableNumber = (uint)Agent.Secrets.NextNumber(1 << 20);
        _reliableNumber++;
        _wasAnswerReliable |= next.Sdp is not null;
        _reliable = Respond(_invite!, next.Status, null, next.Sdp, [(SipHeaderName.Require, "100rel"), (SipHeaderName.RSeq, Number(_reliableNumber))], now);
        _reliableInterval = Agent.Options.Timers.T1;
        _reliableResend = now + _reliableInterval;
        _reliableUntil = now + Agent.Options.Timers.Timeout;
    }

    private void AdvanceAnswer(TimeSpan now)
    {
        if (now >= _okUntil)
        {
            _okUntil = _okResend = null;
            Break(408, now);
            return;
        }

        if (now >= _okResend)
        {
            Agent.Transactions.Respond(_invite!, 200, _ok!, now);
            _okInterval = Agent.Options.Timers.Next(_okInterval);
            _okResend = now + _okInterval;
        }

        if (now >= _reliableUntil)
        {
            _reliableUntil = _reliableResend = null;
            Refuse(504, now);
        }
        else if (now >= _reliableResend)
        {
            Agent.Transactions.Respond(_invite!, 183, _reliable!, now);
            _reliableInterval *= 2;
            _reliableResend = now + _reliableInterval;
        }
    }

    private void ReceiveReinvite(SipMessage invite, SipPath path, TimeSpan now)
    {
        if (State == SipCallState.Ringing)
        {
            Agent.Refuse(invite, path, 500, null, (SipHeaderName.RetryAfter, Number(Agent.Secrets.NextNumber(10))));
            return;
        }

        if (_reinvite is not null || _okUntil is not null || Media!.HasOpenOffer)
        {
            Agent.Refuse(invite, path, 491);
            return;
        }

        if (SipBody.Read(invite, out var offer) is { } fault)
        {
            Agent.Refuse(invite, path, fault.Status, fault.Reason, (SipHeaderName.Accept, SdpType));
            return;
        }

        if (RefusesInterval(invite))
        {
            Agent.Refuse(invite, path, 422, null, (SipHeaderName.MinSE, Number((long)Agent.Options.MinSessionInterval.TotalSeconds)));
            return;
        }

        SessionDescription? sdp;
        if (offer is null)
        {
            sdp = Media.CreateOffer();
        }
        else if (!Media.TryAnswer(offer, out sdp, out _))
        {
            Agent.Refuse(invite, path, 488, null, (SipHeaderName.Warning, $"305 {path.LocalHost} \"No common codec or transport\""));
            return;
        }

        _dialog.Refresh(invite);
        _isAnswerInAck = offer is null;
        byte[] trying = SipResponses.Begin(Agent.Writer, invite, path, 100, null, null).End();
        _invite = Agent.Transactions.Accept(invite, SipUserAgent.Back(invite, path), this, trying, now);
        SendOk(sdp, now);
        if (offer is not null)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
    }

    private void ReceiveBye(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        Reply(transaction, path, 200, [], null, now);
        if (IsIncoming && State == SipCallState.Ringing)
            Respond(_invite!, 487, null, null, [], now);
        End(200, transaction.Request.GetText(SipHeaderName.Reason) ?? "Hung up by the peer", now);
    }

    private void ReceiveUpdate(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        var update = transaction.Request;
        if (SipBody.Read(update, out var offer) is { } fault)
        {
            Reply(transaction, path, fault.Status, [], null, now);
            return;
        }

        if (RefusesInterval(update))
        {
            Reply(transaction, path, 422, [(SipHeaderName.MinSE, Number((long)Agent.Options.MinSessionInterval.TotalSeconds))], null, now);
            return;
        }

        SessionDescription? answer = null;
        if (offer is not null)
        {
            // RFC 3311, section 5.2.
            if (Media is null || Media.HasOpenOffer || _reinvite is not null)
            {
                Reply(transaction, path, Media?.HasOpenOffer == true || _reinvite is not null ? 491 : 500, [(SipHeaderName.RetryAfter, "1")], null, now);
                return;
            }

            if (!Media.TryAnswer(offer, out answer, out _))
            {
                Reply(transaction, path, 488, [], null, now);
                return;
            }
        }

        _dialog.Refresh(update);
        var headers = new List<(SipHeaderName, string)>();
        if (State != SipCallState.Ringing)
            NegotiateSession(update, headers, now);
        Reply(transaction, path, 200, headers, answer, now);
        if (answer is not null)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
    }

    private void ReceivePrack(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        string expected = _invite is null ? "" : $"{Number(_reliableNumber)} {Number(_invite.Request.CSeq.Number)} INVITE";
        string stated = string.Join(' ', (transaction.Request.GetText(SipHeaderName.RAck) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (_reliable is null || stated != expected)
        {
            Reply(transaction, path, 481, [], null, now);
            return;
        }

        _reliable = null;
        _reliableResend = _reliableUntil = null;
        SessionDescription? answer = null;
        if (SipBody.Read(transaction.Request, out var offer) is null && offer is not null && Media is not null)
            Media.TryAnswer(offer, out answer, out _);
        Reply(transaction, path, 200, [], answer, now);
        ProvideNext(now);
        if (_isAcceptWanted && _reliable is null)
            AcceptNow(now);
    }

    private byte[] Respond(InviteServerTransaction transaction, int status, string? reason, SessionDescription? sdp, IEnumerable<(SipHeaderName Name, string Value)> headers, TimeSpan now)
    {
        var writer = Agent.BeginResponse(transaction.Request, _path, status, reason, LocalTag);
        if (status < 300)
            writer.Header(SipHeaderName.Contact, _contact).Header(SipHeaderName.Allow, SipUserAgent.Allow).Header(SipHeaderName.Supported, SipUserAgent.Supported);
        foreach (var (name, value) in headers)
            writer.Header(name, value);
        var bytes = sdp is null ? writer.End() : writer.End(SdpType, Encoding.UTF8.GetBytes(sdp.Format()));
        Agent.Transactions.Respond(transaction, status, bytes, now);
        return bytes;
    }

    private void Reply(ServerTransaction transaction, SipPath path, int status, IEnumerable<(SipHeaderName Name, string Value)> headers, SessionDescription? sdp, TimeSpan now)
    {
        var writer = Agent.BeginResponse(transaction.Request, path, status, null, LocalTag);
        if (transaction.Request.Method is SipMethod.Update or SipMethod.Refer && status < 300)
            writer.Header(SipHeaderName.Contact, _contact);
        if (transaction.Request.Method is SipMethod.Options || status == 405)
            writer.Header(SipHeaderName.Allow, SipUserAgent.Allow);
        if (transaction.Request.Method is SipMethod.Options)
            writer.Header(SipHeaderName.Supported, SipUserAgent.Supported);
        foreach (var (name, value) in headers)
            writer.Header(name, value);
        var bytes = sdp is null ? writer.End() : writer.End(SdpType, Encoding.UTF8.GetBytes(sdp.Format()));
        Agent.Transactions.Respond(transaction, status, bytes, now);
    }
}

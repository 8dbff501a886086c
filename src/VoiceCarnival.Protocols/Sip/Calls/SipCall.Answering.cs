using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>A call that came to us: accepted or refused, and the answer repeated until it is acknowledged.</summary>
public sealed partial class SipCall
{
    private const string SdpType = "application/sdp";

    // The INVITE that is being answered, the first or a later one, and the 2xx that is repeated until its ACK comes (RFC 3261, section 13.3.1.4).
    private InviteServerTransaction? _invite;
    private SipPath _invitePath;
    private RepeatedResponse? _ok;
    private bool _isAnswerInAck;
    private SessionDescription? _answer;

    private bool _isAcceptWanted;

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
        if (_ok is null || _invite is null || ack.CSeq.Number != _invite.Number || State == SipCallState.Ended)
            return;
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
        OnAcknowledged(now);
        if (_isHangUpWanted)
            HangUp(now);
    }

    private void AcceptNow(TimeSpan now)
    {
        _isAcceptWanted = false;
        _ringUntil = _inviteExpires = null;
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
        var timers = Agent.Options.Timers;
        _ok = new RepeatedResponse(200, Respond(_invite, 200, null, sdp, headers, now), timers, timers.T2, now);
    }

    private void AdvanceAnswer(TimeSpan now)
    {
        if (_ok?.IsOver(now) == true)
        {
            _ok = null;
            Break(408, now);
            return;
        }

        if (_ok?.IsDue(now) == true)
            Agent.Transactions.Respond(_invite!, _ok.Status, _ok.Bytes, now);

        AdvanceProvisional(now);
    }

    private byte[] Respond(InviteServerTransaction transaction, int status, string? reason, SessionDescription? sdp, IEnumerable<(SipHeaderName Name, string Value)> headers, TimeSpan now)
    {
        var writer = Agent.BeginResponse(transaction.Request, _invitePath, status, reason, LocalTag);
        if (status < 300)
            writer.Header(SipHeaderName.Contact, _contact).Header(SipHeaderName.Allow, SipUserAgent.Allow).Header(SipHeaderName.Supported, SipUserAgent.Supported);
        foreach (var (name, value) in headers)
            writer.Header(name, value);
        var bytes = sdp is null ? writer.End() : writer.End(SdpType, Encoding.UTF8.GetBytes(sdp.Format()));
        Agent.Transactions.Respond(transaction, status, bytes, now);
        return bytes;
    }
}

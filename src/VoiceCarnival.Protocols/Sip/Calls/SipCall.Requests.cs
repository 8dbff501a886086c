using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Requests of the peer within a call, of either direction (RFC 3261, section 12.2.2).</summary>
public sealed partial class SipCall
{
    private const string KeyTypes = "application/dtmf-relay, application/dtmf";
    private readonly KeptAnswers _kept = new();

    internal void ReceiveRequest(SipMessage request, SipPath path, TimeSpan now)
    {
        bool isEarly = _early.TryGetValue(request.FromTag, out var early) && State == SipCallState.Ringing;
        var dialog = isEarly ? early.Dialog : _dialog;
        if (State == SipCallState.Ended || request.CSeq.Number <= dialog.RemoteSequence)
        {
            // Out of order (section 12.2.2).
            Agent.Refuse(request, path, State == SipCallState.Ended ? 481 : 500);
            return;
        }

        // Whoever asks without end is kept in no mind for it; but he may hang up.
        if (!_kept.HasRoom && request.Method != SipMethod.Bye)
        {
            Agent.Refuse(request, path, 503, null, (SipHeaderName.RetryAfter, Number((long)Agent.Options.Timers.Timeout.TotalSeconds)));
            return;
        }

        dialog.RemoteSequence = request.CSeq.Number;
        dialog.Follow(path);
        if (isEarly && request.Method is not (SipMethod.Update or SipMethod.Info or SipMethod.Options))
        {
            // Whoever has not answered refuses the INVITE; another branch may still answer it.
            Reply(Accept(request, path), path, 481, [], null, now);
            return;
        }

        if (request.Method == SipMethod.Invite)
        {
            ReceiveReinvite(request, path, now);
            return;
        }

        var transaction = Accept(request, path);
        switch (request.Method)
        {
            case SipMethod.Bye:
                ReceiveBye(transaction, path, now);
                break;
            case SipMethod.Update:
                ReceiveUpdate(transaction, dialog, path, now);
                break;
            case SipMethod.Prack:
                ReceivePrack(transaction, path, now);
                break;
            case SipMethod.Info:
                ReceiveInfo(transaction, path, now);
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

    private void ReceiveReinvite(SipMessage invite, SipPath path, TimeSpan now)
    {
        if (State == SipCallState.Ringing)
        {
            RefuseReinvite(invite, path, 500, now, (SipHeaderName.RetryAfter, Number(Agent.Secrets.NextNumber(10))));
            return;
        }

        if (_reinvite is not null || _ok is not null || Media!.HasOpenOffer)
        {
            RefuseReinvite(invite, path, 491, now);
            return;
        }

        if (SipBody.Read(invite, out var offer) is { } fault)
        {
            RefuseReinvite(invite, path, fault.Status, now, (SipHeaderName.Accept, SdpType));
            return;
        }

        if (RefusesInterval(invite))
        {
            RefuseReinvite(invite, path, 422, now, (SipHeaderName.MinSE, Number((long)Agent.Options.MinSessionInterval.TotalSeconds)));
            return;
        }

        SessionDescription? sdp;
        if (offer is null)
        {
            sdp = Media.CreateOffer();
        }
        else if (!Media.TryAnswer(offer, out sdp, out _))
        {
            RefuseReinvite(invite, path, 488, now, (SipHeaderName.Warning, $"305 {path.LocalHost} \"No common codec or transport\""));
            return;
        }

        _dialog.Refresh(invite);
        _isAnswerInAck = offer is null;
        (_invite, _invitePath) = (AcceptReinvite(invite, path, now), path);
        SendOk(sdp, now);
        if (offer is not null)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
    }

    private NonInviteServerTransaction Accept(SipMessage request, SipPath path)
    {
        var transaction = Agent.Transactions.Accept(request, SipUserAgent.Back(request, path));
        _kept.Add(transaction);
        return transaction;
    }

    private InviteServerTransaction AcceptReinvite(SipMessage invite, SipPath path, TimeSpan now)
    {
        byte[] trying = SipResponses.Begin(Agent.Writer, invite, path, 100, null, null).End();
        var transaction = Agent.Transactions.Accept(invite, SipUserAgent.Back(invite, path), trying, now);
        _kept.Add(transaction);
        return transaction;
    }

    // By a transaction of its own: the call would take a copy for one that comes too late, and refuse it with another status.
    private void RefuseReinvite(SipMessage invite, SipPath path, int status, TimeSpan now, params ReadOnlySpan<(SipHeaderName Name, string Value)> headers)
    {
        var transaction = AcceptReinvite(invite, path, now);
        var writer = Agent.BeginResponse(invite, path, status, null, LocalTag);
        foreach (var (name, value) in headers)
            writer.Header(name, value);
        Agent.Transactions.Respond(transaction, status, writer.End(), now);
    }

    // Keys are all that is understood; of packages (RFC 6086) there are none.
    private void ReceiveInfo(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        var info = transaction.Request;
        if (info.Has(SipHeaderName.InfoPackage))
        {
            Reply(transaction, path, 469, [(SipHeaderName.RecvInfo, "")], null, now);
            return;
        }

        if (info.Body.Length > 0 && !SipBody.IsType(info.Get(SipHeaderName.ContentType), "application/dtmf-relay"u8) && !SipBody.IsType(info.Get(SipHeaderName.ContentType), "application/dtmf"u8))
        {
            Reply(transaction, path, 415, [(SipHeaderName.Accept, KeyTypes)], null, now);
            return;
        }

        Reply(transaction, path, 200, [], null, now);
        Agent.Emit(new SipEvent(SipEventKind.Info, this, 0, info.GetText(SipHeaderName.ContentType) ?? "", info.Body));
    }

    private void ReceiveBye(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        string reason = transaction.Request.GetText(SipHeaderName.Reason) ?? "Hung up by the peer";
        Reply(transaction, path, 200, [], null, now);
        if (IsIncoming && State == SipCallState.Ringing)
            Respond(_invite!, 487, null, null, [], now);
        End(200, reason, now);
    }

    private void ReceiveUpdate(ServerTransaction transaction, SipDialog dialog, SipPath path, TimeSpan now)
    {
        var update = transaction.Request;
        if (SipBody.Read(update, out var offer) is { } fault)
        {
            Reply(transaction, path, fault.Status, AcceptFor(fault.Status), null, now);
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
            if (Media is null || Media.HasOpenOffer || _reinvite is not null || (dialog != _dialog && _answeredBy != dialog.RemoteTag))
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

        dialog.Refresh(update);
        var headers = new List<(SipHeaderName, string)>();
        if (State != SipCallState.Ringing)
            NegotiateSession(update, headers, now);
        Reply(transaction, path, 200, headers, answer, now);
        if (answer is not null)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
    }

    /// <summary>Whoever sent what is not understood is told what would be (RFC 3261, section 21.4.13).</summary>
    private static (SipHeaderName Name, string Value)[] AcceptFor(int status) => status == 415 ? [(SipHeaderName.Accept, SdpType)] : [];

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

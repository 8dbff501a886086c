using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Requests of the peer within a call, of either direction (RFC 3261, section 12.2.2).</summary>
public sealed partial class SipCall
{
    private const string KeyTypes = "application/dtmf-relay, application/dtmf";

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
            Agent.Refuse(invite, path, 500, null, (SipHeaderName.RetryAfter, Number(Agent.Secrets.NextNumber(10))));
            return;
        }

        if (_reinvite is not null || _ok is not null || Media!.HasOpenOffer)
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

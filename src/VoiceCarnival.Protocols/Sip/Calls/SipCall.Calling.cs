using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>A call of ours until it is answered, and the acknowledgement of answers.</summary>
public sealed partial class SipCall
{
    private const int MostForks = 16;
    private const int MostRedirections = 5;
    private readonly Dictionary<string, (SipDialog Dialog, uint Number)> _early = [];
    private ClientTransaction? _client;
    private SessionDescription? _offer;
    private string _answeredBy = "";
    private bool _isCancelWanted;
    private int _attempts;
    private readonly Queue<string> _ackOrder = new();

    /// <summary>A call of ours that somebody has said anything to, be it only that he is trying.</summary>
    public bool IsProceeding { get; private set; }

    /// <summary>Where a call of ours that was answered with 3xx should go instead (RFC 3261, section 8.1.3.4): SIP and tel URIs without headers, the one that is wished for most first; up to five.</summary>
    public IReadOnlyList<string> Redirections { get; private set; } = [];

    internal void SendInvite(TimeSpan now)
    {
        _offer ??= Media!.CreateOffer();
        _client = SendInvite(_offer, now);
    }

    private ClientTransaction SendInvite(SessionDescription offer, TimeSpan now)
    {
        var invite = new OutgoingRequest(SipMethod.Invite)
        {
            Headers = [(SipHeaderName.Allow, SipUserAgent.Allow), (SipHeaderName.Supported, SipUserAgent.Supported), .. SessionHeaders()],
            ContentType = SdpType,
            Body = Encoding.UTF8.GetBytes(offer.Format()),
        };
        return Agent.Transactions.Request(Write(_dialog, invite, ++_dialog.LocalSequence), _dialog.NextHop(), this, now);
    }

    private void OnInviteResponse(SipTransaction transaction, SipMessage response, TimeSpan now)
    {
        if (response.Status is >= 200 and < 300)
            _digest?.OnAccepted();
        if (transaction == _reinvite)
            OnReinviteResponse(response, now);
        else if (response.Status is >= 200 and < 300 && transaction == _client)
            OnAnswered(transaction, response, now);
        else if (response.Status is >= 200 and < 300)
            AcknowledgeLate(transaction, response);
        else if (transaction != _client || (State != SipCallState.Ringing && !(_isCancelWanted && response.Status < 200)))
            return;
        else if (response.Status < 200)
            OnProgress(transaction, response, now);
        else
            OnRefused(response, now);
    }

    private void OnProgress(SipTransaction transaction, SipMessage response, TimeSpan now)
    {
        bool isFirst = !IsProceeding;
        IsProceeding = true;
        if (_isCancelWanted)
        {
            if (isFirst)
                SendCancel(_client!, now);
            return;
        }

        if (response.Status == 100 || !Acknowledges(transaction, response, now))
            return;
        bool isNew = Agreement is null && SipBody.Read(response, out var sdp) is null && sdp is not null && Media!.TryAccept(sdp, out _);
        if (isNew)
            _answeredBy = response.ToTag;
        Agent.Emit(new SipEvent(SipEventKind.Progress, this, response.Status, response.Reason));
        if (isNew)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
    }

    /// <summary>PRACK for a reliable response (RFC 3262, section 4).</summary>
    /// <returns>Whether it is one to be looked at: not a copy, and none out of order.</returns>
    private bool Acknowledges(SipTransaction transaction, SipMessage response, TimeSpan now)
    {
        if (!response.Lists(SipHeaderName.Require, "100rel"u8) || response.GetNumber(SipHeaderName.RSeq) is not { } number || response.ToTag.Length == 0)
            return true;
        if (_early.TryGetValue(response.ToTag, out var early) && number != early.Number + 1)
            return false;
        if (early.Dialog is null && _early.Count == MostForks)
            return false;
        var dialog = early.Dialog ?? SipDialog.OfResponse(transaction.Request, response, _path);
        _early[response.ToTag] = (dialog, number);
        Send(new OutgoingRequest(SipMethod.Prack) { Dialog = dialog, Headers = [(SipHeaderName.RAck, $"{Number(number)} {Number(transaction.Request.CSeq.Number)} INVITE")] }, now);
        return true;
    }

    private void OnAnswered(SipTransaction transaction, SipMessage response, TimeSpan now)
    {
        // 1. A copy, because our ACK was lost (RFC 3261, section 13.2.2.4).
        if (SendAckAgain(transaction, response))
            return;
        var dialog = SipDialog.OfResponse(transaction.Request, response, _path);
        SendAck(dialog, transaction.Request, response);

        // 2. Another branch answered first, or we have given up: this one is ended at once.
        if (State != SipCallState.Ringing || _isCancelWanted)
        {
            var message = Write(dialog, new OutgoingRequest(SipMethod.Bye), ++_dialog.LocalSequence);
            Agent.Transactions.Request(message, dialog.NextHop(), this, now);
            if (State == SipCallState.Ringing)
                End(487, "Cancelled", now);
            return;
        }

        // 3. The first.
        dialog.LocalSequence = _dialog.LocalSequence;
        dialog.RemoteSequence = _early.GetValueOrDefault(response.ToTag).Dialog?.RemoteSequence;
        _dialog = dialog;
        State = SipCallState.Established;
        _ringUntil = null;
        _peerHasUpdate = response.Lists(SipHeaderName.Allow, "UPDATE"u8);
        bool hadMedia = Agreement is not null && _answeredBy == response.ToTag;
        if (!hadMedia)
        {
            Media!.Reopen();
            if (SipBody.Read(response, out var answer) is not null || answer is null || !Media.TryAccept(answer, out _))
            {
                Break(488, now);
                return;
            }
        }

        OnRefreshed(response, now);
        if (!hadMedia)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
        Agent.Emit(new SipEvent(SipEventKind.Established, this));
    }

    private void OnRefused(SipMessage response, TimeSpan now)
    {
        bool isAgain = !_isCancelWanted && _attempts < 4
            && (response.Status is 401 or 407 ? _digest?.TryTake(response) == true : response.Status == 422 && TakeLeastInterval(response));
        if (isAgain)
        {
            _attempts++;
            IsProceeding = false;
            SendInvite(now);
            return;
        }

        if (response.Status < 400)
            Redirections = RedirectionsOf(response);
        End(response.Status, response.Reason, now);
    }

    private static List<string> RedirectionsOf(SipMessage response)
    {
        var found = new List<(string Uri, double Wish)>();
        foreach (var value in response.Values(SipHeaderName.Contact))
        {
            if (!NameAddress.TryParse(value, out var contact) || contact.Uri.Scheme == SipUriScheme.Other || found.Count == MostRedirections)
                continue;
            bool isStated = contact.Parameters.TryGet("q"u8, out var q);
            double wish = isStated && double.TryParse(q, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double stated) ? stated : 1;
            found.Add((Encoding.UTF8.GetString(contact.Uri.WithoutHeaders), wish));
        }

        return [.. found.OrderByDescending(way => way.Wish).Select(way => way.Uri)];
    }

    private void Cancel(TimeSpan now)
    {
        if (_isCancelWanted)
        {
            End(408, SipResponses.Reason(408), now);
            return;
        }

        // Not before there was any answer (section 9.1), and not for ever.
        _isCancelWanted = true;
        _ringUntil = now + Agent.Options.Timers.Timeout;
        if (IsProceeding)
            SendCancel(_client!, now);
    }

    private void SendCancel(ClientTransaction client, TimeSpan now)
    {
        var invite = client.Request;
        var writer = Agent.Writer.Request(SipMethod.Cancel, Encoding.UTF8.GetString(invite.Target));
        writer.Copy(invite, SipHeaderName.Via).Copy(invite, SipHeaderName.Route).Header(SipHeaderName.MaxForwards, 70);
        writer.Copy(invite, SipHeaderName.From).Copy(invite, SipHeaderName.To).Copy(invite, SipHeaderName.CallId);
        writer.Header(SipHeaderName.CSeq, $"{Number(invite.CSeq.Number)} CANCEL");
        Agent.Transactions.Request(Reread(writer.End()), client.Target, this, now);
        Agent.Transactions.GiveUp(client, now);
    }

    /// <summary>The ACK of a 2xx: with the number and the credentials of its INVITE, outside of any transaction (section 13.2.2.4).</summary>
    private void SendAck(SipDialog dialog, SipMessage invite, SipMessage response)
    {
        var writer = Agent.Writer;
        dialog.BeginRequest(writer, SipMethod.Ack, invite.CSeq.Number, Agent.NextBranch());
        writer.Copy(invite, SipHeaderName.Authorization).Copy(invite, SipHeaderName.ProxyAuthorization);
        var ack = new SipTransmit(writer.End(), dialog.NextHop(), null);
        string key = AckKey(invite, response);
        _acks[key] = ack;
        _ackOrder.Enqueue(key);
        if (_ackOrder.Count > 16)
            _acks.Remove(_ackOrder.Dequeue());
        Agent.Transactions.Send(ack);
    }

    private bool SendAckAgain(SipTransaction transaction, SipMessage response)
    {
        bool isKnown = _acks.TryGetValue(AckKey(transaction.Request, response), out var ack);
        if (isKnown)
            Agent.Transactions.Send(ack);
        return isKnown;
    }

    // The answer to an INVITE of this call that was given up meanwhile.
    private void AcknowledgeLate(SipTransaction transaction, SipMessage response)
    {
        if (!SendAckAgain(transaction, response))
            SendAck(_dialog, transaction.Request, response);
    }

    private static string AckKey(SipMessage invite, SipMessage response) => $"{Number(invite.CSeq.Number)} {response.ToTag}";
}

using System.Text;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Transfers: the peer is asked to call somebody else, or asks us (RFC 3515, RFC 3891, RFC 5589).</summary>
public sealed partial class SipCall
{
    // Of a transfer something is heard again and again, until it has worked or not.
    private static readonly TimeSpan LongestTransfer = TimeSpan.FromMinutes(3);
    private bool _isTransferring;
    private TimeSpan? _transferUntil;
    private bool _isReferred;

    /// <summary>Asks the peer to call somebody else. When that call was answered, this one is hung up; when it was not, this one goes on.</summary>
    /// <param name="to">A SIP or tel URI.</param>
    /// <param name="replaces">A call of ours that the new one takes the place of, for a transfer after asking; null for a blind one.</param>
    /// <param name="now">The caller's clock.</param>
    /// <returns>False when the call is not answered, a transfer is under way, or the URI is none.</returns>
    public bool Transfer(string to, SipCall? replaces, TimeSpan now)
    {
        if (_isTransferring || !SipUri.TryParse(Encoding.UTF8.GetBytes(to), out var uri) || uri.Scheme == SipUriScheme.Other)
            return false;
        string target = replaces is null
            ? to
            : $"{to}?Replaces={Uri.EscapeDataString($"{replaces.CallId};to-tag={replaces.RemoteTag};from-tag={replaces.LocalTag}")}";
        var refer = new OutgoingRequest(SipMethod.Refer) { Headers = [(SipHeaderName.ReferTo, $"<{target}>"), (SipHeaderName.ReferredBy, _dialog.LocalAddress)] };
        if (!SendOnceAcknowledged(refer, now))
            return false;
        (_isTransferring, _transferUntil) = (true, now + LongestTransfer);
        Agent.Update(this);
        return true;
    }

    /// <summary>Tells the peer, who asked for a transfer, how far the call to the other is.</summary>
    /// <param name="status">The status of that call; from 200 up the last word.</param>
    /// <param name="now">The caller's clock.</param>
    public void ReportTransfer(int status, TimeSpan now)
    {
        if (!_isReferred || State == SipCallState.Ended)
            return;
        _isReferred = status < 200;
        Notify(status, now);
    }

    private void Notify(int status, TimeSpan now) => Send(
        new OutgoingRequest(SipMethod.Notify)
        {
            Headers = [(SipHeaderName.Event, "refer"), (SipHeaderName.SubscriptionState, status < 200 ? "active;expires=60" : "terminated;reason=noresource")],
            ContentType = "message/sipfrag;version=2.0",
            Body = Encoding.ASCII.GetBytes($"SIP/2.0 {Number(status)} {SipResponses.Reason(status)}\r\n"),
        },
        now);

    private void OnReferAnswered(SipMessage response, TimeSpan now)
    {
        if (response.Status < 300)
            return;
        (_isTransferring, _transferUntil) = (false, null);
        _ = now;
        Agent.Emit(new SipEvent(SipEventKind.TransferProgress, this, response.Status, response.Reason));
    }

    private void ReceiveNotify(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        var notify = transaction.Request;
        if (!_isTransferring || !SipBody.IsType(notify.Get(SipHeaderName.Event), "refer"u8))
        {
            Reply(transaction, path, 481, [], null, now);
            return;
        }

        Reply(transaction, path, 200, [], null, now);
        bool isOver = SipBody.IsType(notify.Get(SipHeaderName.SubscriptionState), "terminated"u8);
        var fragment = notify.Body.Span;
        if (fragment.Length < 11 || !SipText.EqualsIgnoreCase(fragment[..8], "SIP/2.0 "u8) || !SipText.TryReadNumber(fragment[8..11], out uint status) || status is < 100 or > 699)
        {
            // A subscription that ends without a word: nobody knows.
            status = isOver ? 500u : 100u;
        }

        _isTransferring = status < 200 && !isOver;
        _transferUntil = _isTransferring ? now + LongestTransfer : null;
        int told = isOver && status < 200 ? 500 : (int)status;
        Agent.Emit(new SipEvent(SipEventKind.TransferProgress, this, told, SipResponses.Reason(told)));
        if (told is >= 200 and < 300)
            HangUp(now);
    }

    private void AdvanceTransfer(TimeSpan now)
    {
        if (!(now >= _transferUntil))
            return;
        (_isTransferring, _transferUntil) = (false, null);
        if (State != SipCallState.Ended)
            Agent.Emit(new SipEvent(SipEventKind.TransferProgress, this, 408, SipResponses.Reason(408)));
    }

    private void ReceiveRefer(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        // Whom we call in another's name is for the operator's own peers to say, however well others have proved who they are.
        if (!Agent.Options.TakesTransfers || !_path.IsTrusted || State != SipCallState.Established || _isReferred)
        {
            Reply(transaction, path, 603, [], null, now);
            return;
        }

        if (!NameAddress.TryParse(transaction.Request.Get(SipHeaderName.ReferTo), out var to) || to.Uri.Scheme == SipUriScheme.Other)
        {
            Reply(transaction, path, 400, [], null, now);
            return;
        }

        _isReferred = true;
        Reply(transaction, path, 202, [], null, now);
        Notify(100, now);
        Agent.Emit(new SipEvent(SipEventKind.TransferRequested, this, 0, Encoding.UTF8.GetString(to.Uri.Text)));
    }
}

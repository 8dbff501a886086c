using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Requests that are new: inspected, and given to the call that they belong to (RFC 3261, section 8.2).</summary>
public sealed partial class SipUserAgent
{
    private void ReceiveRequest(SipMessage request, SipPath path, TimeSpan now)
    {
        var call = Find(request);
        if (request.Method == SipMethod.Ack)
        {
            call?.ReceiveAck(request, now);
            Refresh(call);
            return;
        }

        if (request.Method == SipMethod.Cancel)
        {
            ReceiveCancel(request, path, now);
            return;
        }

        // Inspection, in the order of section 8.2.
        if (request.Method == SipMethod.Other)
        {
            Refuse(request, path, 501, null, (SipHeaderName.Allow, Allow));
        }
        else if (!SipUri.TryParse(request.Target, out var uri) || uri.Scheme is SipUriScheme.Other)
        {
            Refuse(request, path, 416);
        }
        else if (UnknownExtensions(request) is { Length: > 0 } unknown)
        {
            Refuse(request, path, 420, null, (SipHeaderName.Unsupported, unknown));
        }
        else if (request.ToTag.Length > 0)
        {
            if (call is null || !call.IsOf(request))
                Refuse(request, path, 481);
            else
                ReceiveInDialog(call, request, path, now);
        }
        else
        {
            ReceiveOutOfDialog(request, path, now);
        }
    }

    private void ReceiveInDialog(SipCall call, SipMessage request, SipPath path, TimeSpan now)
    {
        request.KeepBytes();
        call.ReceiveRequest(request, path, now);
        Refresh(call);
    }

    private void ReceiveCancel(SipMessage request, SipPath path, TimeSpan now)
    {
        if (Transactions.FindInvite(request) is not { } invite)
        {
            Refuse(request, path, 481);
            return;
        }

        request.KeepBytes();
        var call = FindTakenBack(request, invite);
        var transaction = Transactions.Accept(request, Back(request, path));
        Transactions.Respond(transaction, 200, BeginResponse(request, path, 200, null, call?.LocalTag ?? Secrets.NextToken()).End(), now);
        call?.ReceiveCancel(invite, now);
        Refresh(call);
    }

    /// <summary>The call that a request within it belongs to: our tag is in To.</summary>
    private SipCall? Find(SipMessage request) => _calls.GetValueOrDefault(DialogKey(request.CallId, request.ToTag));

    // What a CANCEL says of the call is what its INVITE said (section 9.1).
    private SipCall? FindTakenBack(SipMessage cancel, InviteServerTransaction transaction)
    {
        if (Find(cancel) is { } known)
            return known;
        return _initial.TryGetValue($"{cancel.CallId} {cancel.FromTag} {cancel.CSeq.Number}", out var call) && call.IsAnsweredBy(transaction) ? call : null;
    }

    private void Refresh(SipCall? call)
    {
        if (call is not null)
            Update(call);
    }
}

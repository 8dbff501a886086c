using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Requests outside of any call, above all the INVITE that begins one: whom it is from, what it asks for, and whether there is room.</summary>
public sealed partial class SipUserAgent
{
    private void ReceiveOutOfDialog(SipMessage request, SipPath path, TimeSpan now)
    {
        switch (request.Method)
        {
            case SipMethod.Options:
                Refuse(request, path, 200, null, (SipHeaderName.Allow, Allow), (SipHeaderName.Accept, Accept), (SipHeaderName.Supported, Supported));
                break;
            case SipMethod.Invite:
                ReceiveInvite(request, path, now);
                break;
            case SipMethod.Bye or SipMethod.Prack or SipMethod.Update or SipMethod.Info or SipMethod.Notify:
                Refuse(request, path, 481);
                break;
            case SipMethod.Refer:
                // Nobody makes us call by a word from outside of a call.
                Refuse(request, path, 603);
                break;
            default:
                Refuse(request, path, 405, null, (SipHeaderName.Allow, Allow));
                break;
        }
    }

    private void ReceiveInvite(SipMessage invite, SipPath path, TimeSpan now)
    {
        // 1. The same call by another way (section 8.2.2.2).
        string initial = $"{invite.CallId} {invite.FromTag} {invite.CSeq.Number}";
        if (_initial.ContainsKey(initial))
        {
            Refuse(invite, path, 482);
            return;
        }

        // 2. Who is it?
        string? account = null;
        if (!path.IsTrusted)
        {
            if (Options.Digest is not { } digest)
            {
                Refuse(invite, path, 403);
                return;
            }

            var outcome = digest.Check(invite, now, out string user);
            if (outcome != DigestOutcome.Accepted)
            {
                var challenges = digest.Challenge(outcome == DigestOutcome.Stale, now).Select(challenge => (SipHeaderName.WwwAuthenticate, challenge)).ToArray();
                Refuse(invite, path, 401, null, challenges);
                return;
            }

            account = user;
        }

        // 3. What is asked for?
        if (Check(invite, path, out var offer, out var replaced) is { } fault)
        {
            if (fault.Status > 0)
                Refuse(invite, path, fault.Status, fault.Reason);
            return;
        }

        // 4. Is there room?
        if (!_rates.TryEnter(path.Remote.Address, now))
        {
            Refuse(invite, path, 503, null, (SipHeaderName.RetryAfter, "5"));
            return;
        }

        invite.KeepBytes();
        var call = new SipCall(this, invite, path, offer, account, replaced, now);
        _calls.Add(DialogKey(call.CallId, call.LocalTag), call);
        _initial[initial] = call;
        call.InitialKey = initial;
        Emit(new SipEvent(SipEventKind.Incoming, call));
        Update(call);
    }

    /// <returns>Null when all is well; a fault without status when it was answered here.</returns>
    private SipFault? Check(SipMessage invite, SipPath path, out SessionDescription? offer, out SipCall? replaced)
    {
        offer = null;
        replaced = null;
        if (!SipBody.IsType(invite.Get(SipHeaderName.ContentDisposition), "session"u8) && invite.Has(SipHeaderName.ContentDisposition) && invite.Body.Length > 0
            && !invite.Get(SipHeaderName.ContentDisposition).EndsWith("handling=optional"u8) && !SipBody.IsType(invite.Get(SipHeaderName.ContentType), "multipart/"u8, isPrefix: true))
            return Answered(415, (SipHeaderName.Accept, Accept));
        if (SipBody.Read(invite, out offer) is { } fault)
            return fault.Status == 415 ? Answered(415, (SipHeaderName.Accept, Accept), (SipHeaderName.AcceptEncoding, "identity")) : fault;
        if (invite.Has(SipHeaderName.Accept) && !Accepts(invite))
            return new SipFault(406, SipResponses.Reason(406));
        if (invite.GetNumber(SipHeaderName.SessionExpires) < Options.MinSessionInterval.TotalSeconds)
        {
            string least = ((int)Options.MinSessionInterval.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return invite.Lists(SipHeaderName.Supported, "timer"u8) ? Answered(422, (SipHeaderName.MinSE, least)) : Continue(invite, offer, out replaced);
        }

        return Continue(invite, offer, out replaced);

        SipFault Answered(int status, params ReadOnlySpan<(SipHeaderName, string)> headers)
        {
            Refuse(invite, path, status, null, headers);
            return SipFault.Drop("Answered");
        }

        SipFault? Continue(SipMessage invite, SessionDescription? offer, out SipCall? replaced)
        {
            replaced = null;
            if (offer is not null && AudioNegotiation.Check(offer, Options.Codecs, Options.Srtp.On(path.Transport)) is not null)
                return Answered(488, (SipHeaderName.Warning, $"305 {path.LocalHost} \"No common codec or transport\""));
            return FindReplaced(invite, ref replaced);
        }
    }

    /// <summary>RFC 3891, section 3.</summary>
    private SipFault? FindReplaced(SipMessage invite, ref SipCall? replaced)
    {
        if (!invite.TryGet(SipHeaderName.Replaces, out var value))
            return null;
        int end = value.IndexOf((byte)';');
        var parameters = new SipParameters(end < 0 ? default : value[end..]);
        string callId = Encoding.Latin1.GetString(SipText.Trim(end < 0 ? value : value[..end]));
        if (!parameters.TryGet("to-tag"u8, out var toTag) || !parameters.TryGet("from-tag"u8, out var fromTag))
            return SipFault.Bad("Malformed Replaces");
        replaced = _calls.GetValueOrDefault(DialogKey(callId, Encoding.Latin1.GetString(toTag)));
        if (replaced is null || replaced.RemoteTag != Encoding.Latin1.GetString(fromTag))
            return new SipFault(481, SipResponses.Reason(481));
        if (parameters.Has("early-only"u8) && replaced.State is SipCallState.Answered or SipCallState.Established)
            return new SipFault(486, SipResponses.Reason(486));
        return replaced.State == SipCallState.Ringing ? new SipFault(481, SipResponses.Reason(481)) : null;
    }

    private static bool Accepts(SipMessage invite)
    {
        bool isEmpty = true;
        foreach (var value in invite.Values(SipHeaderName.Accept))
        {
            isEmpty = false;
            if (SipBody.IsType(value, "application/sdp"u8) || SipBody.IsType(value, "application/*"u8) || SipBody.IsType(value, "*/*"u8))
                return true;
        }

        // An empty Accept takes nothing (section 20.1), but no phone means that.
        return isEmpty;
    }

    private static string UnknownExtensions(SipMessage request)
    {
        var unknown = new List<string>();
        foreach (var value in request.Values(SipHeaderName.Require))
        {
            if (!SipText.EqualsIgnoreCase(value, "timer"u8) && !SipText.EqualsIgnoreCase(value, "100rel"u8) && !SipText.EqualsIgnoreCase(value, "replaces"u8) && SipText.IsToken(value))
                unknown.Add(Encoding.ASCII.GetString(value));
        }

        return string.Join(", ", unknown);
    }
}

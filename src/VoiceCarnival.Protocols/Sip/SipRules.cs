namespace VoiceCarnival.Protocols.Sip;

/// <summary>What every message must have, and have once (RFC 3261, sections 8.1.1 and 20), in the form that it should have.</summary>
internal static class SipRules
{
    private const uint MostForwards = 255;

    private static ReadOnlySpan<SipHeaderName> Single =>
    [
        SipHeaderName.From, SipHeaderName.To, SipHeaderName.CallId, SipHeaderName.CSeq, SipHeaderName.MaxForwards, SipHeaderName.ContentType,
        SipHeaderName.Expires, SipHeaderName.RSeq, SipHeaderName.RAck, SipHeaderName.SessionExpires, SipHeaderName.MinSE, SipHeaderName.ReferTo, SipHeaderName.Replaces,
    ];

    public static SipFault? Check(SipMessage message) => CheckSingle(message) ?? CheckAddresses(message) ?? CheckVias(message) ?? CheckCSeq(message) ?? CheckTarget(message);

    private static SipFault? CheckSingle(SipMessage message)
    {
        foreach (var name in Single)
        {
            if (message.IsRepeated(name))
                return SipFault.Bad($"More Than One {name.Text()}");
        }

        if (!message.TryGet(SipHeaderName.CallId, out var callId))
            return SipFault.Bad("Missing Call-ID");
        if (callId.Length is 0 or > SipLimits.MaxId || callId.ContainsAnyExcept(SipText.Word))
            return SipFault.Bad("Malformed Call-ID");
        return message.Has(SipHeaderName.MaxForwards) && message.IsRequest && message.GetNumber(SipHeaderName.MaxForwards) is not <= MostForwards
            ? SipFault.Bad("Malformed Max-Forwards")
            : null;
    }

    private static SipFault? CheckAddresses(SipMessage message)
    {
        foreach (var name in (ReadOnlySpan<SipHeaderName>)[SipHeaderName.From, SipHeaderName.To])
        {
            if (!message.TryGet(name, out var value))
                return SipFault.Bad($"Missing {name.Text()}");
            // A tag is a token, however a parameter may be quoted: we write it, too.
            if (!NameAddress.TryParse(value, out var address) || address.Tag.Length > SipLimits.MaxId || address.Tag.ContainsAnyExcept(SipText.Token))
                return SipFault.Bad($"Malformed {name.Text()}");
        }

        foreach (var name in (ReadOnlySpan<SipHeaderName>)[SipHeaderName.Contact, SipHeaderName.Route, SipHeaderName.RecordRoute])
        {
            int length = 0;
            foreach (var value in message.Values(name))
            {
                if (!NameAddress.TryParse(value, out var address) && !(name == SipHeaderName.Contact && value is [(byte)'*']))
                    return SipFault.Bad($"Malformed {name.Text()}");
                // What a call's requests have to carry has to fit into them: routes without their names, and in brackets.
                bool isRecorded = name == SipHeaderName.RecordRoute;
                length += isRecorded ? address.Uri.Text.Length + address.Parameters.Text.Length + 2 : value.Length;
                if (length > (isRecorded ? SipLimits.MaxRecordedRoutes : SipLimits.MaxRoutes))
                    return SipFault.Bad($"Too Long {name.Text()}");
            }
        }

        return null;
    }

    private static SipFault? CheckVias(SipMessage message)
    {
        bool isThere = false;
        foreach (var value in message.Values(SipHeaderName.Via))
        {
            if (!Via.TryParse(value, out var via) || via.Branch.Length > SipLimits.MaxId)
                return SipFault.Bad("Malformed Via");
            isThere = true;
        }

        return isThere ? null : SipFault.Drop("Missing Via");
    }

    private static SipFault? CheckCSeq(SipMessage message)
    {
        if (!message.TryGet(SipHeaderName.CSeq, out var value))
            return SipFault.Bad("Missing CSeq");
        if (!CSeq.TryParse(value, out var cseq))
            return SipFault.Bad("Malformed CSeq");
        return message.IsRequest && !cseq.MethodName.SequenceEqual(message.MethodName) ? SipFault.Bad("CSeq Names Another Method") : null;
    }

    private static SipFault? CheckTarget(SipMessage message)
    {
        if (!message.IsRequest)
            return null;
        // Another scheme is well-formed, and answered with 416; headers have no place in a request's URI (section 19.1.5).
        return !SipUri.TryParse(message.Target, out var uri) || uri.Headers.Length > 0 ? SipFault.Bad("Malformed Request-URI") : null;
    }
}

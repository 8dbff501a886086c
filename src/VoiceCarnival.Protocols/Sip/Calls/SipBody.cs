using System.Text;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>The session description in a message's body: alone, or one part of several (RFC 2046, section 5.1; RFC 5621).</summary>
internal static class SipBody
{
    private const int MaxParts = 16;

    /// <summary>Finds the description.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sdp">The description; null when there is no body.</param>
    /// <returns>Null when that is all right; else what to answer.</returns>
    public static SipFault? Read(SipMessage message, out SessionDescription? sdp)
    {
        sdp = null;
        if (message.Body.Length == 0)
            return null;
        if (!message.TryGet(SipHeaderName.ContentType, out var type))
            return SipFault.Bad("Missing Content-Type");
        if (message.TryGet(SipHeaderName.ContentEncoding, out var encoding) && !SipText.EqualsIgnoreCase(encoding, "identity"u8))
            return new SipFault(415, SipResponses.Reason(415));
        var body = message.Body.Span;
        if (IsType(type, "multipart/"u8, isPrefix: true))
        {
            body = FindPart(body, Boundary(type));
            if (body.Length == 0)
                return new SipFault(415, SipResponses.Reason(415));
        }
        else if (!IsType(type, "application/sdp"u8))
        {
            return new SipFault(415, SipResponses.Reason(415));
        }

        return SessionDescription.TryRead(Encoding.UTF8.GetString(body), out sdp, out _) ? null : SipFault.Bad("Malformed SDP");
    }

    /// <summary>Whether a Content-Type is of a kind, whatever its parameters.</summary>
    public static bool IsType(ReadOnlySpan<byte> value, ReadOnlySpan<byte> type, bool isPrefix = false)
    {
        int end = value.IndexOf((byte)';');
        var stated = SipText.Trim(end < 0 ? value : value[..end]);
        return isPrefix ? stated.Length > type.Length && SipText.EqualsIgnoreCase(stated[..type.Length], type) : SipText.EqualsIgnoreCase(stated, type);
    }

    private static ReadOnlySpan<byte> Boundary(ReadOnlySpan<byte> type)
    {
        int parameters = type.IndexOf((byte)';');
        return parameters >= 0 && new SipParameters(type[parameters..]).TryGet("boundary"u8, out var boundary) && boundary.Length is > 0 and <= 70 ? boundary : default;
    }

    private static ReadOnlySpan<byte> FindPart(ReadOnlySpan<byte> body, ReadOnlySpan<byte> boundary)
    {
        if (boundary.Length == 0)
            return default;
        byte[] delimiter = [.. "--"u8, .. boundary];
        int at = body.IndexOf(delimiter);
        for (int part = 0; at >= 0 && part < MaxParts; part++)
        {
            var rest = body[(at + delimiter.Length)..];
            int next = rest.IndexOf(delimiter);
            var content = next < 0 ? default : rest[..next];
            int head = content.IndexOf("\r\n\r\n"u8);
            if (head >= 0 && HasSdp(content[..(head + 2)]))
                return content[(head + 4)..];
            body = rest;
            at = next;
        }

        return default;
    }

    private static bool HasSdp(ReadOnlySpan<byte> head)
    {
        while (head.Length > 0)
        {
            int end = head.IndexOf("\r\n"u8);
            var line = end < 0 ? head : head[..end];
            head = end < 0 ? default : head[(end + 2)..];
            int colon = line.IndexOf((byte)':');
            if (colon > 0 && SipHeaderNames.Find(SipText.Trim(line[..colon])) == SipHeaderName.ContentType)
                return IsType(SipText.Trim(line[(colon + 1)..]), "application/sdp"u8);
        }

        return false;
    }
}

using System.Buffers;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// Cuts a message into its lines. Strict about what decides where a message or a header ends, so that nothing behind or before us can read the same bytes
/// differently: line ends are CR LF, Content-Length is there once and fits.
/// </summary>
internal static class SipReader
{
    private static readonly SearchValues<byte> LineBreaking = SearchValues.Create("\r\n\0"u8);

    public static SipFault? Read(ReadOnlyMemory<byte> memory, out SipMessage? message)
    {
        message = null;
        if (memory.Length > SipLimits.MaxMessage)
            return SipFault.Drop("Longer than any message");
        var bytes = memory.Span;
        int at = 0;
        while (at + 1 < bytes.Length && bytes[at] == '\r' && bytes[at + 1] == '\n')
            at += 2;

        // 1. The start line.
        int end = bytes[at..].IndexOf("\r\n"u8);
        if (end < 0)
            return SipFault.Drop("No start line");
        var fault = ReadStart(bytes, at, at + end, out var start);
        if (fault is { Status: 0 })
            return fault;
        int headAt = at;
        at += end + 2;

        // 2. The headers. A fault is kept, and the rest read on, so that there is something to answer to.
        Span<SipMessage.Line> lines = stackalloc SipMessage.Line[SipLimits.MaxHeaders];
        int count = 0;
        bool isEnded = false;
        while (at < bytes.Length)
        {
            if (bytes[at] == '\r' && at + 1 < bytes.Length && bytes[at + 1] == '\n')
            {
                isEnded = true;
                at += 2;
                break;
            }

            int next = EndOfLine(bytes, at, out bool isClean);
            if (next < 0)
            {
                at = bytes.Length;
                break;
            }

            if (at - headAt > SipLimits.MaxHead)
                return SipFault.Drop("Too long a head");
            if (count == lines.Length)
                fault ??= SipFault.Bad("Too Many Headers");
            else if (isClean && TryReadLine(bytes, at, next - 2, out var line))
                lines[count++] = line;
            else
                fault ??= SipFault.Bad("Malformed header");
            at = next;
        }

        if (!isEnded)
            fault ??= SipFault.Bad("Headers do not end");

        // 3. The body.
        var body = at..bytes.Length;
        fault ??= FindBody(bytes, lines[..count], ref body);
        message = new SipMessage(memory, start, lines[..count], body);
        return fault ?? SipRules.Check(message);
    }

    /// <summary>Content-Length of the headers given, -1 when there is none, -2 when it is malformed or there is more than one.</summary>
    public static int ContentLength(ReadOnlySpan<byte> bytes, ReadOnlySpan<SipMessage.Line> lines)
    {
        int length = -1;
        foreach (ref readonly var line in lines)
        {
            if (line.Name != SipHeaderName.ContentLength)
                continue;
            if (length != -1 || !SipText.TryReadNumber(bytes[line.Value], out uint number) || number > SipLimits.MaxMessage)
                return -2;
            length = (int)number;
        }

        return length;
    }

    /// <summary>Reads the header lines of a head that ends in an empty line, for their length only.</summary>
    public static int ContentLengthOfHead(ReadOnlySpan<byte> head)
    {
        Span<SipMessage.Line> lines = stackalloc SipMessage.Line[2];
        int count = 0;
        int at = head.IndexOf("\r\n"u8) + 2;
        while (at < head.Length)
        {
            int next = EndOfLine(head, at, out bool isClean);
            if (next < 0)
                break;
            // What might be a Content-Length to somebody else is none of ours: not clean, not framed.
            if (!isClean)
                return -2;
            if (TryReadLine(head, at, next - 2, out var line) && line.Name == SipHeaderName.ContentLength && count < lines.Length)
                lines[count++] = line;
            at = next;
        }

        return ContentLength(head, lines[..count]);
    }

    private static SipFault? ReadStart(ReadOnlySpan<byte> bytes, int from, int to, out SipMessage.StartLine start)
    {
        start = default;
        var line = bytes[from..to];
        if (line.Length >= 4 && SipText.EqualsIgnoreCase(line[..4], "SIP/"u8))
        {
            // SIP-Version SP Status-Code SP Reason-Phrase
            bool isStatus = line.Length >= 12 && SipText.EqualsIgnoreCase(line[..8], "SIP/2.0 "u8) && line[11] == ' ' && !line[12..].Contains((byte)'\n');
            if (!isStatus || !SipText.TryReadNumber(line[8..11], out uint status) || status is < 100 or > 699)
                return SipFault.Drop("Malformed status line");
            start = new SipMessage.StartLine(default, (from + 12)..to, (int)status);
            return null;
        }

        // Method SP Request-URI SP SIP-Version
        int first = line.IndexOf((byte)' ');
        if (first is <= 0 or > SipLimits.MaxName || !SipText.IsToken(line[..first]))
            return SipFault.Drop("Not SIP");
        int last = SipText.TrimEnd(line).LastIndexOf((byte)' ');
        var version = SipText.TrimEnd(line[(last + 1)..]);
        if (last <= first || version.Length < 5 || !SipText.EqualsIgnoreCase(version[..4], "SIP/"u8) || line.ContainsAny((byte)'\r', (byte)'\n', (byte)'\0'))
            return SipFault.Drop("Not SIP");
        start = new SipMessage.StartLine(from..(from + first), (from + first + 1)..(from + last), 0);
        if (!SipText.EqualsIgnoreCase(version, "SIP/2.0"u8))
            return new SipFault(505, "Version Not Supported");
        if (version.Length != line.Length - last - 1 || SipText.ContainsSpace(line[(first + 1)..last]))
            return SipFault.Bad("Malformed Request-Line");
        return last - first - 1 > SipLimits.MaxUri ? new SipFault(414, "Request-URI Too Long") : null;
    }

    /// <summary>Where the next header begins, behind CR LF that no white space follows; -1 when there is no such place.</summary>
    private static int EndOfLine(ReadOnlySpan<byte> bytes, int at, out bool isClean)
    {
        isClean = true;
        while (true)
        {
            int step = bytes[at..].IndexOfAny(LineBreaking);
            if (step < 0)
                return -1;
            at += step;
            if (bytes[at] == '\r' && at + 1 < bytes.Length && bytes[at + 1] == '\n')
            {
                // A fold at the very end may be cut off: the empty line decides.
                if (at + 2 >= bytes.Length || bytes[at + 2] is not ((byte)' ' or (byte)'\t'))
                    return at + 2;
                at += 2;
                continue;
            }

            // A quoted NUL is legal (RFC 4475, section 3.1.1.2). A line end that others might take for one is not.
            if (bytes[at] != 0 || bytes[at - 1] != '\\')
                isClean = false;
            at++;
        }
    }

    private static bool TryReadLine(ReadOnlySpan<byte> bytes, int from, int to, out SipMessage.Line line)
    {
        line = default;
        var text = bytes[from..to];
        int colon = text.IndexOf((byte)':');
        if (colon <= 0)
            return false;
        var name = SipText.TrimEnd(text[..colon]);
        if (!SipText.IsToken(name) || name.Length > SipLimits.MaxName)
            return false;
        var value = SipText.TrimEnd(text[(colon + 1)..]);
        int valueAt = from + colon + 1 + value.Length - SipText.TrimStart(value).Length;
        int valueLength = SipText.TrimStart(value).Length;
        if (valueLength > SipLimits.MaxValue)
            return false;
        line = new SipMessage.Line(SipHeaderNames.Find(name), from, name.Length, valueAt, valueLength);
        return true;
    }

    private static SipFault? FindBody(ReadOnlySpan<byte> bytes, ReadOnlySpan<SipMessage.Line> lines, ref Range body)
    {
        int length = ContentLength(bytes, lines);
        if (length == -2)
            return SipFault.Bad("Malformed Content-Length");
        int at = body.Start.Value;
        if (length > bytes.Length - at)
            return SipFault.Bad("Content-Length Too Long");
        // What follows in a datagram is none of ours (RFC 3261, section 18.3).
        if (length >= 0)
            body = at..(at + length);
        return null;
    }
}

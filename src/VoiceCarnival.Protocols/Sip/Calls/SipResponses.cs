using System.Globalization;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Writes responses (RFC 3261, section 8.2.6).</summary>
internal static class SipResponses
{
    /// <summary>Everything up to CSeq, and with dialogs the routes; more headers may follow.</summary>
    public static SipWriter Begin(SipWriter writer, SipMessage request, SipPath path, int status, string? reason, string? toTag)
    {
        writer.Response(status, reason ?? Reason(status));
        WriteVias(writer, request, path);
        writer.Copy(request, SipHeaderName.From);
        if (request.TryGet(SipHeaderName.To, out var to))
        {
            writer.Begin(SipHeaderName.To).Piece(to);
            if (toTag is not null && request.To.Tag.Length == 0)
                writer.Piece(";tag=").Piece(toTag);
            writer.EndHeader();
        }

        writer.Copy(request, SipHeaderName.CallId).Copy(request, SipHeaderName.CSeq);
        if (status == 100)
            writer.Copy(request, SipHeaderName.Timestamp);
        if (status is > 100 and < 300 && request.Method == SipMethod.Invite)
            writer.Copy(request, SipHeaderName.RecordRoute);
        return writer;
    }

    /// <summary>The phrase that goes with a status (section 21).</summary>
    public static string Reason(int status) => status switch
    {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        469 => "Bad Info Package",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        600 => "Busy Everywhere",
        603 => "Decline",
        _ => "Status",
    };

    /// <summary>All Vias, the topmost with where it really came from (section 18.2.1; RFC 3581, section 4).</summary>
    private static void WriteVias(SipWriter writer, SipMessage request, SipPath path)
    {
        bool isTop = true;
        foreach (var value in request.Values(SipHeaderName.Via))
        {
            writer.Begin(SipHeaderName.Via);
            if (isTop && Via.TryParse(value, out var via))
                WriteTop(writer, value, via, path);
            else
                writer.Piece(value);
            writer.EndHeader();
            isTop = false;
        }
    }

    private static void WriteTop(SipWriter writer, ReadOnlySpan<byte> value, Via via, SipPath path)
    {
        int end = value.Length;
        bool hasPort = false;
        bool isReceived = false;
        foreach (var parameter in via.Parameters)
        {
            isReceived |= SipText.EqualsIgnoreCase(parameter.Name, "received"u8);
            if (SipText.EqualsIgnoreCase(parameter.Name, "rport"u8) && !parameter.HasValue && value.Overlaps(parameter.Name, out int at))
            {
                hasPort = true;
                end = at + parameter.Name.Length;
            }
        }

        writer.Piece(value[..end]);
        if (hasPort)
            writer.Piece("=").Piece(path.Remote.Port.ToString(CultureInfo.InvariantCulture));
        writer.Piece(value[end..]);
        string address = SipPath.HostOf(path.Remote.Address);
        if (!isReceived && (hasPort || !SipText.EqualsIgnoreCase(via.Host, System.Text.Encoding.ASCII.GetBytes(address))))
            writer.Piece(";received=").Piece(address.Trim('[', ']'));
    }
}

using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>Headers by name, long and compact (RFC 3261, section 7.3.3, and the IANA registry). Upper and lower case are the same.</summary>
public static class SipHeaderNames
{
    private const int LongestKnown = 20;

    private static readonly (SipHeaderName Name, string Text, char Compact)[] Known =
    [
        (SipHeaderName.Accept, "Accept", '\0'),
        (SipHeaderName.AcceptContact, "Accept-Contact", 'a'),
        (SipHeaderName.AcceptEncoding, "Accept-Encoding", '\0'),
        (SipHeaderName.Allow, "Allow", '\0'),
        (SipHeaderName.AllowEvents, "Allow-Events", 'u'),
        (SipHeaderName.AuthenticationInfo, "Authentication-Info", '\0'),
        (SipHeaderName.Authorization, "Authorization", '\0'),
        (SipHeaderName.CallId, "Call-ID", 'i'),
        (SipHeaderName.Contact, "Contact", 'm'),
        (SipHeaderName.ContentDisposition, "Content-Disposition", '\0'),
        (SipHeaderName.ContentEncoding, "Content-Encoding", 'e'),
        (SipHeaderName.ContentLength, "Content-Length", 'l'),
        (SipHeaderName.ContentType, "Content-Type", 'c'),
        (SipHeaderName.CSeq, "CSeq", '\0'),
        (SipHeaderName.Date, "Date", '\0'),
        (SipHeaderName.Diversion, "Diversion", '\0'),
        (SipHeaderName.Event, "Event", 'o'),
        (SipHeaderName.Expires, "Expires", '\0'),
        (SipHeaderName.From, "From", 'f'),
        (SipHeaderName.HistoryInfo, "History-Info", '\0'),
        (SipHeaderName.InfoPackage, "Info-Package", '\0'),
        (SipHeaderName.MaxForwards, "Max-Forwards", '\0'),
        (SipHeaderName.MinExpires, "Min-Expires", '\0'),
        (SipHeaderName.MinSE, "Min-SE", '\0'),
        (SipHeaderName.PAssertedIdentity, "P-Asserted-Identity", '\0'),
        (SipHeaderName.PPreferredIdentity, "P-Preferred-Identity", '\0'),
        (SipHeaderName.Path, "Path", '\0'),
        (SipHeaderName.Privacy, "Privacy", '\0'),
        (SipHeaderName.ProxyAuthenticate, "Proxy-Authenticate", '\0'),
        (SipHeaderName.ProxyAuthorization, "Proxy-Authorization", '\0'),
        (SipHeaderName.ProxyRequire, "Proxy-Require", '\0'),
        (SipHeaderName.RAck, "RAck", '\0'),
        (SipHeaderName.Reason, "Reason", '\0'),
        (SipHeaderName.RecordRoute, "Record-Route", '\0'),
        (SipHeaderName.RecvInfo, "Recv-Info", '\0'),
        (SipHeaderName.ReferTo, "Refer-To", 'r'),
        (SipHeaderName.ReferredBy, "Referred-By", 'b'),
        (SipHeaderName.RejectContact, "Reject-Contact", 'j'),
        (SipHeaderName.RemotePartyId, "Remote-Party-ID", '\0'),
        (SipHeaderName.Replaces, "Replaces", '\0'),
        (SipHeaderName.RequestDisposition, "Request-Disposition", 'd'),
        (SipHeaderName.Require, "Require", '\0'),
        (SipHeaderName.RetryAfter, "Retry-After", '\0'),
        (SipHeaderName.Route, "Route", '\0'),
        (SipHeaderName.RSeq, "RSeq", '\0'),
        (SipHeaderName.Server, "Server", '\0'),
        (SipHeaderName.ServiceRoute, "Service-Route", '\0'),
        (SipHeaderName.SessionExpires, "Session-Expires", 'x'),
        (SipHeaderName.Subject, "Subject", 's'),
        (SipHeaderName.SubscriptionState, "Subscription-State", '\0'),
        (SipHeaderName.Supported, "Supported", 'k'),
        (SipHeaderName.Timestamp, "Timestamp", '\0'),
        (SipHeaderName.To, "To", 't'),
        (SipHeaderName.Unsupported, "Unsupported", '\0'),
        (SipHeaderName.UserAgent, "User-Agent", '\0'),
        (SipHeaderName.UserToUser, "User-to-User", '\0'),
        (SipHeaderName.Via, "Via", 'v'),
        (SipHeaderName.Warning, "Warning", '\0'),
        (SipHeaderName.WwwAuthenticate, "WWW-Authenticate", '\0'),
    ];

    private static readonly string[] Texts = BuildTexts();
    private static readonly (SipHeaderName Name, byte[] Bytes)[][] ByLength = BuildByLength();
    private static readonly SipHeaderName[] ByLetter = BuildByLetter();

    /// <summary>The long name as it is written. <see cref="SipHeaderName.Other"/> has none.</summary>
    public static string Text(this SipHeaderName name) => Texts[(int)name];

    /// <summary>The header of a name, long or compact.</summary>
    public static SipHeaderName Find(ReadOnlySpan<byte> name)
    {
        if (name.Length == 1)
            return name[0] < 128 ? ByLetter[name[0] | 0x20] : SipHeaderName.Other;
        if (name.Length > LongestKnown)
            return SipHeaderName.Other;
        foreach (var (known, bytes) in ByLength[name.Length])
        {
            if (Ascii.EqualsIgnoreCase(bytes, name))
                return known;
        }

        return SipHeaderName.Other;
    }

    private static string[] BuildTexts()
    {
        var texts = new string[Known.Length + 1];
        texts[0] = "";
        foreach (var (name, text, _) in Known)
            texts[(int)name] = text;
        return texts;
    }

    private static (SipHeaderName, byte[])[][] BuildByLength()
    {
        var buckets = new (SipHeaderName, byte[])[LongestKnown + 1][];
        for (int length = 0; length <= LongestKnown; length++)
            buckets[length] = [.. Known.Where(known => known.Text.Length == length).Select(known => (known.Name, Encoding.ASCII.GetBytes(known.Text)))];
        return buckets;
    }

    private static SipHeaderName[] BuildByLetter()
    {
        var letters = new SipHeaderName[128];
        foreach (var (name, _, compact) in Known)
        {
            if (compact != '\0')
                letters[compact] = name;
        }

        return letters;
    }
}

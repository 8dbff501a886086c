using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Fuzz;

/// <summary>Targets for SIP: messages, and streams of them.</summary>
internal static class SipTargets
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

    private static readonly string Invite =
        "INVITE sip:agent@192.0.2.1:5060;transport=udp SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;branch=z9hG4bKabc,SIP/2.0/TCP [::1];branch=z9hG4bK1\r\n"
        + "Max-Forwards: 70\r\nFrom: \"A \\\"B\\\"\" <sip:a@192.0.2.9>;tag=1\r\nt: sip:agent@192.0.2.1\r\nCall-ID: abc@x\r\nCSeq: 1 INVITE\r\nm: <sip:a@192.0.2.9:5070>\r\n"
        + "Route: <sip:p1;lr>,<sip:p2;lr>\r\nSupported: timer, 100rel,\r\n replaces\r\nSession-Expires: 1800;refresher=uac\r\nContent-Type: application/sdp\r\n"
        + $"l: {Sdp.Length}\r\n\r\n{Sdp}";

    private const string Ok =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK9;received=192.0.2.1;rport=5060\r\nFrom: <sip:agent@192.0.2.1>;tag=2\r\nTo: <tel:+491;phone-context=x>;tag=1\r\n"
        + "Call-ID: abc@x\r\nCSeq: 1 BYE\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"y\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n";

    public static IReadOnlyList<Target> All { get; } =
    [
        new("sip", ReadMessage, [Encoding.UTF8.GetBytes(Invite), Encoding.UTF8.GetBytes(Ok)]),
        new("sip-stream", ReadStream, [Encoding.UTF8.GetBytes(Ok + "\r\n\r\n" + Invite + Ok), Encoding.UTF8.GetBytes("\r\n" + Invite + Invite)]),
    ];

    private static void ReadMessage(byte[] bytes)
    {
        bool isRead = SipMessage.TryRead(bytes, out var message, out var fault);
        if (isRead != (fault is null) || (isRead && message is null))
            throw new InvalidOperationException("Neither read nor refused.");
        if (message is null)
            return;
        for (int i = 0; i < message.HeaderCount; i++)
        {
            var header = message.HeaderAt(i);
            if (isRead && header.Value.AsSpan().ContainsAny('\r', '\n'))
                throw new InvalidOperationException("A value with a line end.");
        }

        foreach (var name in Enum.GetValues<SipHeaderName>())
        {
            message.GetNumber(name);
            foreach (var value in message.Values(name))
            {
                _ = NameAddress.TryParse(value, out var address) && address.NameText is not null && address.Uri.UserText is not null;
                foreach (var parameter in address.Parameters)
                    _ = parameter.Value.Length;
            }
        }

        // The answer, with what was copied, must be a message, and say no more than was asked.
        var writer = new SipWriter();
        writer.Response(isRead ? 200 : 400, "x");
        foreach (var name in (ReadOnlySpan<SipHeaderName>)[SipHeaderName.Via, SipHeaderName.From, SipHeaderName.To, SipHeaderName.CallId, SipHeaderName.CSeq])
            writer.Copy(message, name);
        var answer = writer.End();
        if (isRead && (!SipMessage.TryRead(answer, out var again, out var wrong) || again.HeaderCount > message.HeaderCount + 1))
            throw new InvalidOperationException("The answer cannot be read.");
    }

    private static void ReadStream(byte[] bytes)
    {
        string whole = ReadStream(bytes, int.MaxValue);
        if (whole != ReadStream(bytes, 1) || whole != ReadStream(bytes, 1 + bytes.Length % 13))
            throw new InvalidOperationException("The same bytes in other pieces say something else.");
    }

    private static string ReadStream(byte[] bytes, int piece)
    {
        var reader = new SipStreamReader();
        var said = new StringBuilder();
        for (int at = 0; at < bytes.Length;)
        {
            int taken = reader.Append(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            if (taken == 0)
                throw new InvalidOperationException("There is no room for a byte.");
            at += taken;
            while (true)
            {
                var status = reader.TryRead(out var message);
                if (status == SipStreamStatus.NeedsMore)
                    break;
                said.Append(status).Append(status == SipStreamStatus.Message ? Convert.ToHexString(message) : "").Append(';');
                if (status == SipStreamStatus.Broken)
                    return said.ToString();
            }
        }

        return said.ToString();
    }
}

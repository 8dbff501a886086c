using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

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

    private static readonly SipPath Path = new(SipTransport.Udp, IPEndPoint.Parse("192.0.2.1:5060"), IPEndPoint.Parse("192.0.2.9:5070"), 0, IsTrusted: true);

    public static IReadOnlyList<Target> All { get; } =
    [
        new("sip", ReadMessage, [Encoding.UTF8.GetBytes(Invite), Encoding.UTF8.GetBytes(Ok)]),
        new("sip-calls", ReceiveInCall, [.. Requests().Select(Encoding.UTF8.GetBytes)]),
        new("sip-sdp", Negotiate, [.. Descriptions().Select(Encoding.UTF8.GetBytes)]),
        new("sip-stream", ReadStream, [Encoding.UTF8.GetBytes(Ok + "\r\n\r\n" + Invite + Ok), Encoding.UTF8.GetBytes("\r\n" + Invite + Invite)]),
    ];

    private static IEnumerable<string> Descriptions()
    {
        yield return Sdp;
        yield return Sdp.Replace("RTP/AVP", "RTP/SAVP", StringComparison.Ordinal) + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4\r\n";
        yield return Sdp.Replace("0 8 101", "96 9 0 8 99 100 101", StringComparison.Ordinal)
            + "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:99 telephone-event/48000\r\na=ptime:30\r\na=maxptime:60\r\na=rtcp:4005 IN IP4 192.0.2.9\r\na=rtcp-mux\r\na=sendonly\r\nm=image 0 udptl t38\r\nm=video 9 RTP/AVP 31\r\n";
    }

    /// <summary>Once as an offer, once as the answer to ours, once as a change of a call that runs; with what we say readable each time.</summary>
    private static void Negotiate(byte[] bytes)
    {
        if (!SessionDescription.TryRead(Encoding.UTF8.GetString(bytes), out var theirs, out _))
            return;
        var ours = new AudioNegotiation(new AudioOptions
        {
            SessionId = 1,
            Local = IPEndPoint.Parse("192.0.2.1:4000"),
            Codecs = [RtpCodec.Opus, RtpCodec.G722, RtpCodec.Pcmu, RtpCodec.Pcma],
            Srtp = bytes.Length % 2 == 0 ? SrtpUse.WhenOffered : SrtpUse.Never,
            KeyEntropy = new byte[30],
        });
        for (int round = 0; round < 2; round++)
        {
            if (ours.TryAnswer(theirs, out var answer, out _))
            {
                if (!SessionDescription.TryRead(answer.Format(), out var read, out var error) || read.Media.Count != theirs.Media.Count)
                    throw new InvalidOperationException($"An answer that is none: {error?.Message}");
            }

            if (!SessionDescription.TryRead(ours.CreateOffer().Format(), out _, out var unread))
                throw new InvalidOperationException($"An offer that cannot be read: {unread.Message}");
            if (!ours.TryAccept(theirs, out _))
                ours.Withdraw();
        }
    }

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

    /// <summary>A peer's requests, with the tag that fixed seeds give to the call that is there.</summary>
    private static IEnumerable<string> Requests()
    {
        yield return Invite;
        var agent = EstablishCall(out string tag);
        _ = agent;
        string Within(string method, int number, string more, string body = "") =>
            $"{method} sip:agent@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;branch=z9hG4bKw{number}\r\nFrom: <sip:a@192.0.2.9>;tag=1\r\nTo: <sip:agent@192.0.2.1>;tag={tag}\r\n"
            + $"Call-ID: abc@x\r\nCSeq: {number} {method}\r\nContact: <sip:a@192.0.2.9>\r\n{more}l: {body.Length}\r\n\r\n{body}";
        yield return Within("INVITE", 2, "Content-Type: application/sdp\r\nSupported: timer\r\nSession-Expires: 90;refresher=uas\r\n", Sdp + "a=sendonly\r\n");
        yield return Within("UPDATE", 3, "Content-Type: application/sdp\r\n", Sdp.Replace("4000", "4004", StringComparison.Ordinal));
        yield return Within("REFER", 4, "Refer-To: <sip:b@x?Replaces=1%3Bto-tag%3D2>\r\n");
        yield return Within("NOTIFY", 5, "Event: refer\r\nSubscription-State: terminated;reason=x\r\nContent-Type: message/sipfrag\r\n", "SIP/2.0 200 OK\r\n");
        yield return Within("INFO", 6, "Content-Type: application/dtmf-relay\r\n", "Signal=1\r\n");
        yield return Within("PRACK", 7, "RAck: 1 1 INVITE\r\n");
        yield return Within("BYE", 8, "Reason: SIP;cause=200\r\n");
        yield return Within("CANCEL", 1, "").Replace(";tag=" + tag, "", StringComparison.Ordinal).Replace("z9hG4bKw1", "z9hG4bKabc", StringComparison.Ordinal);
        yield return Invite.Replace("Supported:", $"Replaces: abc@x;to-tag={tag};from-tag=1\r\nSupported:", StringComparison.Ordinal).Replace("abc", "def", StringComparison.Ordinal).Replace("def@x;to", "abc@x;to", StringComparison.Ordinal);
        yield return Invite.Replace("Supported:", "Authorization: Digest username=\"a\", realm=\"x\", nonce=\"00\", uri=\"sip:x\", response=\"0\", qop=auth, nc=00000001, cnonce=\"1\"\r\nSupported:", StringComparison.Ordinal);
        yield return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK1\r\nFrom: <sip:agent@192.0.2.1>;tag=2\r\nTo: <sip:a@b>;tag=1\r\nCall-ID: abc@x\r\nCSeq: 1 INVITE\r\n\r\n";
    }

    private static SipUserAgent EstablishCall(out string tag)
    {
        var options = new SipUserAgentOptions { TakesTransfers = true, Digest = new DigestServer("x", _ => "y", new byte[32]) };
        var agent = new SipUserAgent(options, new byte[SipUserAgent.EntropyLength]);
        agent.Receive(Encoding.UTF8.GetBytes(Invite), Path, TimeSpan.Zero);
        tag = "";
        while (agent.TryTakeEvent(out var next))
            next.Call!.Accept(Audio(), TimeSpan.Zero);
        while (agent.TryTakeTransmit(out var transmit))
        {
            if (SipMessage.TryRead(transmit.Bytes, out var message, out _))
                tag = message.ToTag;
        }

        agent.Receive(
            Encoding.UTF8.GetBytes($"ACK sip:agent@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKack\r\nFrom: <sip:a@192.0.2.9>;tag=1\r\nTo: <sip:agent@192.0.2.1>;tag={tag}\r\nCall-ID: abc@x\r\nCSeq: 1 ACK\r\nl: 0\r\n\r\n"),
            Path, TimeSpan.Zero);
        return agent;
    }

    private static AudioNegotiation Audio() => new(new AudioOptions { SessionId = 1, Local = IPEndPoint.Parse("192.0.2.1:4000"), Codecs = [RtpCodec.Pcmu, RtpCodec.Pcma] });

    /// <summary>Bytes from somebody to an agent with a call, once from a trusted peer and once from a stranger, and the time after that.</summary>
    private static void ReceiveInCall(byte[] bytes)
    {
        foreach (bool isTrusted in (ReadOnlySpan<bool>)[true, false])
        {
            var agent = EstablishCall(out _);
            foreach (var call in agent.Calls.ToArray())
                call.Transfer("sip:b@x", null, TimeSpan.Zero);
            var now = TimeSpan.FromSeconds(1);
            agent.Receive(bytes, Path with { IsTrusted = isTrusted }, now);
            for (int i = 0; i < 60; i++)
            {
                while (agent.TryTakeEvent(out var next))
                {
                    if (next.Kind == SipEventKind.Incoming && bytes.Length % 2 == 0)
                        next.Call!.Accept(Audio(), now);
                }

                int messages = 0;
                while (agent.TryTakeTransmit(out var transmit))
                {
                    if (++messages > 50)
                        throw new InvalidOperationException("An endless stream of messages.");
                    // Answers repeat what was malformed; what we ask is well-formed.
                    bool isResponse = transmit.Bytes.Span.StartsWith("SIP/2.0 "u8);
                    if (!isResponse && !SipMessage.TryRead(transmit.Bytes, out _, out var fault))
                        throw new InvalidOperationException($"A request of ours is none: {fault.Reason}.");
                }

                if (agent.NextDeadline is not { } deadline)
                    break;
                if (deadline - now > TimeSpan.FromDays(2))
                    throw new InvalidOperationException("A deadline that no timer can wait for.");
                // Whatever was said, we can hang up.
                foreach (var call in i == 20 ? [.. agent.Calls] : Array.Empty<SipCall>())
                    call.HangUp(now);
                now = deadline > now ? deadline : now;
                agent.AdvanceTo(now);
            }
        }
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

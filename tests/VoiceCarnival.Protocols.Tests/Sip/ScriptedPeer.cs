using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>A user agent of ours, and a peer that sends what a test writes.</summary>
internal sealed class ScriptedPeer
{
    public const string Sdp = "v=0\r\no=p 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4002 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

    private readonly SipPath _path;

    public ScriptedPeer(SipUserAgentOptions? options = null, bool isTrusted = true)
    {
        Agent = new SipUserAgent(options ?? new SipUserAgentOptions(), Enumerable.Repeat((byte)5, SipUserAgent.EntropyLength).ToArray());
        _path = new SipPath(SipTransport.Udp, IPEndPoint.Parse("192.0.2.2:5060"), IPEndPoint.Parse("192.0.2.9:5070"), 0, isTrusted);
    }

    public SipUserAgent Agent { get; }

    public TimeSpan Now { get; private set; }

    public List<SipEvent> Events { get; } = [];

    public SipPath Path => _path;

    public static AudioNegotiation Audio() => new(new AudioOptions { SessionId = 3, Local = IPEndPoint.Parse("192.0.2.2:6000"), Codecs = [RtpCodec.Pcmu] });

    /// <summary>A request in the peer's name; headers of the same name take the place of the usual ones.</summary>
    public static string Request(string method, int sequence = 1, string? toTag = null, string? branch = null, string headers = "", string body = "", string callId = "call")
    {
        string type = body.StartsWith("v=", StringComparison.Ordinal) && !headers.Contains("Content-Type", StringComparison.Ordinal) ? "Content-Type: application/sdp\r\n" : "";
        return $"{method} sip:agent@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;branch={branch ?? $"z9hG4bK{method}{sequence}"}\r\nMax-Forwards: 70\r\n"
            + $"From: <sip:peer@192.0.2.9>;tag=p\r\nTo: <sip:agent@192.0.2.2>{(toTag is null ? "" : ";tag=" + toTag)}\r\nCall-ID: {callId}\r\nCSeq: {sequence} {method}\r\n"
            + $"Contact: <sip:peer@192.0.2.9:5070>\r\n{headers}{type}Content-Length: {body.Length}\r\n\r\n{body}";
    }

    public SipMessage Send(string text)
    {
        var answers = SendAll(text);
        return Assert.Single(answers);
    }

    public List<SipMessage> SendAll(string text) => SendAll(Encoding.Latin1.GetBytes(text));

    public List<SipMessage> SendAll(byte[] bytes)
    {
        Agent.Receive(bytes, _path, Now);
        return Take();
    }

    /// <summary>The first lines of the answers: those to what is malformed repeat what was malformed.</summary>
    public List<string> SendRaw(byte[] bytes)
    {
        Agent.Receive(bytes, _path, Now);
        Events.AddRange(Agent.TakeEvents());
        var lines = new List<string>();
        while (Agent.TryTakeTransmit(out var transmit))
            lines.Add(Encoding.UTF8.GetString(transmit.Bytes.Span).Split("\r\n")[0]);
        return lines;
    }

    public List<SipMessage> Run(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        var all = new List<SipMessage>();
        while (Agent.NextDeadline is { } next && next <= end)
        {
            Now = next > Now ? next : Now;
            Agent.AdvanceTo(Now);
            all.AddRange(Take());
        }

        Now = end;
        return all;
    }

    public List<SipMessage> Take()
    {
        Events.AddRange(Agent.TakeEvents());
        return [.. Agent.TakeMessages().Select(sent => sent.Message)];
    }

    /// <summary>A call from the peer that is answered and acknowledged.</summary>
    public (SipCall Call, string Tag) Establish(string headers = "", string body = Sdp)
    {
        Assert.Empty(SendAll(Request("INVITE", headers: headers, body: body)));
        var call = Events.Last(e => e.Kind == SipEventKind.Incoming).Call!;
        Assert.True(call.Accept(Audio(), Now));
        var ok = Assert.Single(Take());
        Assert.Equal(200, ok.Status);
        Assert.Empty(SendAll(Request("ACK", 1, ok.ToTag, "z9hG4bKack")));
        Assert.Equal(SipCallState.Established, call.State);
        return (call, ok.ToTag);
    }

    public static string Response(SipMessage request, int status, string toTag, string headers = "", string body = "")
    {
        string type = body.Length > 0 ? "Content-Type: application/sdp\r\n" : "";
        string to = request.ToTag.Length > 0 ? request.GetText(SipHeaderName.To)! : $"{request.GetText(SipHeaderName.To)};tag={toTag}";
        return $"SIP/2.0 {status} X\r\nVia: {request.GetText(SipHeaderName.Via)}\r\nFrom: {request.GetText(SipHeaderName.From)}\r\nTo: {to}\r\n"
            + $"Call-ID: {request.CallId}\r\nCSeq: {request.GetText(SipHeaderName.CSeq)}\r\n{headers}{type}Content-Length: {body.Length}\r\n\r\n{body}";
    }
}

using System.Text;
using BenchmarkDotNet.Attributes;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Benchmarks.Sip;

/// <summary>An INVITE as a carrier sends it, through two proxies: from bytes to a message of which all that a call needs was checked and looked at.</summary>
[MemoryDiagnoser]
public class SipParsing
{
    private const string Sdp =
        "v=0\r\no=- 16264 18299 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
        + "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";

    private readonly byte[] _invite = Encoding.ASCII.GetBytes(
        "INVITE sip:+4930123456@gw.example.com:5060;user=phone SIP/2.0\r\n"
        + "Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bKd41d8cd98f00b204.1\r\nVia: SIP/2.0/UDP 198.51.100.20:5060;received=198.51.100.20;rport=5060;branch=z9hG4bK7f3a\r\n"
        + "Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK776asdhds\r\nRecord-Route: <sip:198.51.100.7;lr;ftag=1928301774>\r\nRecord-Route: <sip:198.51.100.20;lr>\r\n"
        + "Max-Forwards: 68\r\nTo: <sip:+4930123456@gw.example.com;user=phone>\r\nFrom: \"Alice Example\" <sip:+4940987654@carrier.example.net;user=phone>;tag=1928301774\r\n"
        + "Call-ID: a84b4c76e66710@192.0.2.101\r\nCSeq: 314159 INVITE\r\nContact: <sip:+4940987654@192.0.2.101:5060;transport=udp>\r\n"
        + "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, PRACK, UPDATE, INFO\r\nSupported: timer, 100rel, replaces, path\r\nSession-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n"
        + "P-Asserted-Identity: \"Alice Example\" <sip:+4940987654@carrier.example.net>\r\nPrivacy: none\r\nUser-Agent: Carrier SBC 8.2\r\n"
        + $"Content-Type: application/sdp\r\nContent-Length: {Sdp.Length}\r\n\r\n{Sdp}");

    [Benchmark]
    public int Read()
    {
        if (!SipMessage.TryRead(_invite, out var message, out var fault))
            throw new InvalidOperationException(fault.Reason);
        return (int)message.CSeq.Number + message.TopVia.Branch.Length + message.From.Tag.Length + message.To.Uri.User.Length + message.Body.Length;
    }
}

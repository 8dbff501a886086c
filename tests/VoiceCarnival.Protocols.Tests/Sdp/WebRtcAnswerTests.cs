using System.Net;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Protocols.Tests.Sdp;

public sealed class WebRtcAnswerTests
{
    private static readonly WebRtcAnswerOptions Options = new()
    {
        SessionId = 42,
        Ice = IceCredentials.Create(new byte[IceCredentials.EntropyLength]),
        Fingerprint = DtlsFingerprint.Of([1, 2, 3]),
        Candidates = [IceCandidate.Host(IPEndPoint.Parse("203.0.113.7:5081"), IceTransport.Udp, 0), IceCandidate.Host(IPEndPoint.Parse("203.0.113.7:5081"), IceTransport.Tcp, 0)],
        Codecs = [RtpCodec.Opus, RtpCodec.G722, RtpCodec.Pcmu, RtpCodec.Pcma],
        Ssrc = new Ssrc(1234),
        Cname = "vc",
    };

    [Fact]
    public void Chromium_IsAnsweredWithOpusAndTheDataChannel()
    {
        var answer = Answer(Offers.Chromium);
        Assert.Equal(
            """
            v=0
            o=- 42 1 IN IP4 127.0.0.1
            s=-
            c=IN IP4 203.0.113.7
            t=0 0
            a=ice-lite
            a=group:BUNDLE 0 1
            a=msid-semantic:WMS *
            m=audio 5081 UDP/TLS/RTP/SAVPF 111 110
            c=IN IP4 203.0.113.7
            a=ice-ufrag:AAAAAAAA
            a=ice-pwd:AAAAAAAAAAAAAAAAAAAAAAAA
            a=candidate:1 1 udp 2130706431 203.0.113.7 5081 typ host
            a=candidate:257 1 tcp 1520435199 203.0.113.7 5081 typ host tcptype passive
            a=end-of-candidates
            a=fingerprint:sha-256 03:90:58:C6:F2:C0:CB:49:2C:53:3B:0A:4D:14:EF:77:CC:0F:78:AB:CC:CE:D5:28:7D:84:A1:A2:01:1C:FB:81
            a=setup:passive
            a=mid:0
            a=sendrecv
            a=rtcp-mux
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 minptime=10;useinbandfec=1
            a=rtpmap:110 telephone-event/48000
            a=fmtp:110 0-15
            a=ptime:20
            a=msid:agent audio
            a=ssrc:1234 cname:vc
            m=application 5081 UDP/DTLS/SCTP webrtc-datachannel
            c=IN IP4 203.0.113.7
            a=ice-ufrag:AAAAAAAA
            a=ice-pwd:AAAAAAAAAAAAAAAAAAAAAAAA
            a=candidate:1 1 udp 2130706431 203.0.113.7 5081 typ host
            a=candidate:257 1 tcp 1520435199 203.0.113.7 5081 typ host tcptype passive
            a=end-of-candidates
            a=fingerprint:sha-256 03:90:58:C6:F2:C0:CB:49:2C:53:3B:0A:4D:14:EF:77:CC:0F:78:AB:CC:CE:D5:28:7D:84:A1:A2:01:1C:FB:81
            a=setup:passive
            a=mid:1
            a=sctp-port:5000
            a=max-message-size:262144

            """.ReplaceLineEndings("\r\n"),
            answer.Description.Format());
        Assert.Equal((SetupRole.Passive, 111), (answer.Setup, answer.Codec!.PayloadType.Value));
    }

    [Fact]
    public void Firefox_WithFingerprintOfTheSession_AndABundleOnlyDataChannel_IsAnswered()
    {
        var offer = Offer(Offers.Firefox);
        Assert.Equal((5000, 1_073_741_823L), (offer.SctpPort, offer.MaxMessageSize));
        var answer = Answer(Offers.Firefox);
        Assert.Equal(109, answer.Codec!.PayloadType.Value);
        Assert.Null(answer.Keys); // at 8000 Hz only, and Opus has 48000
        Assert.All(answer.Description.Media, media => Assert.Equal(5081, media.Port));
    }

    [Fact]
    public void DataChannelInTheOlderForm_IsAnsweredInIt()
    {
        string older = Older("5001", "a=sctpmap:5001 webrtc-datachannel 65535");
        Assert.Equal((5001, 262_144L), (Offer(older).SctpPort, Offer(older).MaxMessageSize));
        var data = Answer(older).Description.Media[1];
        Assert.Equal((5081, "DTLS/SCTP"), (data.Port, data.Protocol));
        Assert.Equal(["5000"], data.Formats);
        Assert.Equal("5000 webrtc-datachannel 65535", data.Attributes["sctpmap"]!.Value);
        Assert.Null(data.Attributes["sctp-port"]);
        Assert.Equal("262144", data.Attributes["max-message-size"]!.Value);
    }

    [Theory]
    [InlineData("0", "a=sctpmap:0 webrtc-datachannel 65535")]
    [InlineData("65536", "a=sctpmap:65536 webrtc-datachannel 65535")]
    [InlineData("x", "a=sctpmap:x webrtc-datachannel 65535")]
    public void DataChannelInTheOlderForm_WithAPortThatIsNone_IsAnErrorAtItsLine(string port, string map)
    {
        Assert.True(SdpReader.TryRead(Older(port, map), out var description, out _));
        Assert.False(WebRtcOffer.TryRead(description, out _, out var error));
        Assert.Equal(description.Media[1].Line, error.Line);
    }

    [Theory]
    [InlineData("a=mid:1", "a=mid:0")]
    [InlineData("a=mid:1", "a=mid:1 x")]
    [InlineData("a=mid:1", "a=mid")]
    public void NameOfASectionThatIsNoneOrTaken_IsAnErrorAtItsLine(string line, string wrong)
    {
        var description = SessionDescriptionTests.Read(Offers.Chromium.Replace(line + "\n", wrong + "\n", StringComparison.Ordinal).Replace(line + "\r\n", wrong + "\r\n", StringComparison.Ordinal));
        Assert.False(WebRtcOffer.TryRead(description, out _, out var error));
        Assert.Equal(description.Media[1].Attributes["mid"]!.Line, error.Line);
    }

    [Fact]
    public void SctpForSomethingElse_IsRefusedInItsPlace() =>
        Assert.Equal(0, Answer(Older("5000", "a=sctpmap:5000 something-else 16")).Description.Media[1].Port);

    private static string Older(string port, string map) => Offers.Chromium
        .Replace("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 DTLS/SCTP " + port, StringComparison.Ordinal)
        .Replace("a=sctp-port:5000", map, StringComparison.Ordinal);

    [Theory]
    [InlineData("G722", 9, 101)]
    [InlineData("PCMU", 0, 101)]
    [InlineData("PCMA", 8, 101)]
    public void Codec_IsTheFirstOfOursThatIsOffered(string name, int type, int keys)
    {
        Assert.True(WebRtcAnswer.TryCreate(Offer(Offers.Firefox), With(new RtpCodec("none", 8000), new RtpCodec(name, 8000)), out var answer, out _));
        Assert.Equal((type, keys), (answer.Codec!.PayloadType.Value, answer.Keys!.PayloadType.Value));
    }

    [Fact]
    public void NoCommonCodec_IsAnErrorAtTheAudioLine()
    {
        Assert.False(WebRtcAnswer.TryCreate(Offer(Offers.Chromium), With(new RtpCodec("speex", 8000)), out _, out var error));
        Assert.Equal(8, error.Line);
        Assert.Contains("speex", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SectionsThatAreNotTaken_AreAnsweredInTheirPlaceWithPortZero()
    {
        string offer = Offers.Chromium.Replace("a=group:BUNDLE 0 1", "a=group:BUNDLE v 0 1 a2", StringComparison.Ordinal)
            .Replace("m=audio", "m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=mid:v\na=rtpmap:96 VP8/90000\na=ice-ufrag:r1Kb\nm=audio", StringComparison.Ordinal)
            + "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:a2\n";
        var answer = Answer(offer);
        Assert.Equal([("video", 0), ("audio", 5081), ("application", 5081), ("audio", 0)], answer.Description.Media.Select(media => (media.Kind, media.Port)));
        Assert.Equal("BUNDLE 0 1", answer.Description.Attributes["group"]!.Value);
        Assert.Equal(["96", "97"], answer.Description.Media[0].Formats);
        Assert.Equal(["v", "0", "1", "a2"], answer.Description.Media.Select(media => media.Mid));
    }

    [Theory]
    [InlineData("a=group:BUNDLE 0")]
    [InlineData("a=group:LS 0 1")]
    [InlineData("a=x-nothing")]
    public void DataChannelThatIsNotBundledWithTheAudio_IsAnErrorAtItsLine(string line)
    {
        var description = SessionDescriptionTests.Read(Offers.Chromium.Replace("a=group:BUNDLE 0 1", line, StringComparison.Ordinal));
        Assert.False(WebRtcOffer.TryRead(description, out _, out var error));
        Assert.Equal(description.Media[1].Line, error.Line);
        Assert.Contains("BUNDLE", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void OneSectionAlone_NeedsNoBundle(int rejected)
    {
        string offer = Offers.Chromium.Replace("a=group:BUNDLE 0 1", "a=x-nothing", StringComparison.Ordinal)
            .Replace(rejected == 0 ? "m=audio 9" : "m=application 9", rejected == 0 ? "m=audio 0" : "m=application 0", StringComparison.Ordinal);
        var answer = Answer(offer);
        Assert.Equal(0, answer.Description.Media[rejected].Port);
        Assert.Equal(5081, answer.Description.Media[1 - rejected].Port);
    }

    [Theory]
    [InlineData("sendrecv", "sendrecv", true)]
    [InlineData("recvonly", "sendonly", true)]
    [InlineData("sendonly", "recvonly", false)]
    [InlineData("inactive", "inactive", false)]
    public void Direction_IsMirrored(string offered, string answered, bool sends)
    {
        var answer = Answer(Offers.Chromium.Replace("a=sendrecv", "a=" + offered, StringComparison.Ordinal));
        Assert.True(answer.Description.Media[0].Attributes.Has(answered));
        Assert.Equal(sends, answer.Description.Media[0].Attributes.Has("ssrc"));
    }

    [Theory]
    [InlineData("actpass", SetupRole.Passive, "passive")]
    [InlineData("active", SetupRole.Passive, "passive")]
    [InlineData("passive", SetupRole.Active, "active")]
    public void Setup_IsTheCounterpart(string offered, SetupRole role, string answered)
    {
        var answer = Answer(Offers.Chromium.Replace("setup:actpass", "setup:" + offered, StringComparison.Ordinal));
        Assert.Equal((role, answered), (answer.Setup, answer.Description.Media[0].Attributes["setup"]!.Value));
    }

    [Theory]
    [InlineData("a=ice-ufrag:r1Kb", "", 8, "ice-ufrag")]
    [InlineData("a=ice-pwd:TzJQ5aW8mW3eVqk0w2pGx1mN", "", 8, "ice-pwd")]
    [InlineData("a=ice-pwd:TzJQ5aW8mW3eVqk0w2pGx1mN", "a=ice-pwd:short", 12, "ice-pwd")]
    [InlineData("a=ice-ufrag:r1Kb", "a=ice-ufrag:r1", 11, "ice-ufrag")]
    [InlineData("a=fingerprint:sha-256 5C:", "a=fingerprint:md5 5C:", 14, "sha-256")]
    [InlineData("a=fingerprint:sha-256 5C:", "a=fingerprint:sha-256 5", 14, "sha-256")]
    [InlineData("a=fingerprint:sha-256 5C:", "a=fingerprint:sha-256 XC:", 14, "sha-256")]
    [InlineData("a=fingerprint:sha-256 5C:", "a=nothing:", 8, "fingerprint")]
    [InlineData("a=setup:actpass", "", 8, "setup")]
    [InlineData("a=setup:actpass", "a=setup:maybe", 15, "setup")]
    [InlineData("a=rtcp-mux", "a=rtcp-no", 8, "rtcp-mux")]
    [InlineData("UDP/TLS/RTP/SAVPF", "RTP/AVP", 8, "RTP/AVP")]
    [InlineData("a=sctp-port:5000", "a=sctp-port:0", 42, "sctp-port")]
    [InlineData("a=sctp-port:5000", "a=sctp-port:65536", 42, "sctp-port")]
    [InlineData("a=sctp-port:5000", "a=x", 34, "sctp-port")]
    [InlineData("a=max-message-size:262144", "a=max-message-size:99999999999999999999", 43, "max-message-size")]
    public void OfferThatCannotWork_IsRefusedByItsLine(string what, string by, int line, string about)
    {
        string text = by.Length == 0
            ? string.Join('\n', Offers.Chromium.ReplaceLineEndings("\n").Split('\n').Where(l => l != what))
            : Offers.Chromium.Replace(what, by, StringComparison.Ordinal);
        Assert.False(WebRtcOffer.TryRead(SessionDescriptionTests.Read(text), out _, out var error));
        Assert.Contains(about, error.Message, StringComparison.Ordinal);
        Assert.Equal(line, error.Line);
    }

    [Fact]
    public void OfferWithoutAnythingOfUse_IsRefused()
    {
        Assert.False(WebRtcOffer.TryRead(SessionDescriptionTests.Read("v=0\no=- 1 1 IN IP4 a\ns=-\n"), out _, out var error));
        Assert.Equal(0, error.Line);
    }

    [Fact]
    public void Fingerprint_MatchesItsCertificateOnly()
    {
        byte[] certificate = [1, 2, 3];
        var fingerprint = DtlsFingerprint.Of(certificate);
        Assert.True(DtlsFingerprint.TryParse(fingerprint.ToString().ToLowerInvariant(), out var read));
        Assert.True(read.Matches(certificate));
        Assert.False(read.Matches([1, 2, 4]));
        string sha512 = "SHA-512 " + string.Join(':', System.Security.Cryptography.SHA512.HashData(certificate).Select(b => b.ToString("x2")));
        Assert.True(DtlsFingerprint.TryParse(sha512, out read));
        Assert.True(read.Matches(certificate));
        string text = fingerprint.ToString();
        for (int part = 0; part < text.Length; part++)
            Assert.False(DtlsFingerprint.TryParse(text[..part], out _));
        Assert.False(DtlsFingerprint.TryParse(text.Replace(':', '-'), out _));
    }

    private static WebRtcOffer Offer(string text)
    {
        Assert.True(WebRtcOffer.TryRead(SessionDescriptionTests.Read(text), out var offer, out var error), error?.ToString());
        return offer;
    }

    private static WebRtcAnswer Answer(string text)
    {
        Assert.True(WebRtcAnswer.TryCreate(Offer(text), Options, out var answer, out var error), error?.ToString());
        SessionDescriptionTests.Read(answer.Description.Format());
        return answer;
    }

    private static WebRtcAnswerOptions With(params RtpCodec[] codecs) => new()
    {
        SessionId = 1,
        Ice = Options.Ice,
        Fingerprint = Options.Fingerprint,
        Candidates = Options.Candidates,
        Codecs = codecs,
        Ssrc = Options.Ssrc,
        Cname = Options.Cname,
    };
}

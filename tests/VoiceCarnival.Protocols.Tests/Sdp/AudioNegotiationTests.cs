using System.Net;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Protocols.Tests.Sdp;

public sealed class AudioNegotiationTests
{
    private const string Head = "v=0\r\no=p 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";
    private const string Key = "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n";

    [Fact]
    public void StaticTypesWithoutNames_AreKnown_AndTheFirstOfOursIsSent()
    {
        var ours = Negotiation(SrtpUse.Never, RtpCodec.Pcma, RtpCodec.Pcmu);
        var answer = Answer(ours, "m=audio 4000 RTP/AVP 96 97 0 8 18 99 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:99 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\n");

        Assert.Equal(["8", "0", "99", "101"], answer.Media[0].Formats);
        Assert.Equal((8, 101, 20, 4001), (ours.Agreement!.Codec.PayloadType.Value, ours.Agreement.Keys!.PayloadType.Value, ours.Agreement.PacketTime, ours.Agreement.RtcpPort));
    }

    [Fact]
    public void OtherStreams_AreRefusedInTheirPlace()
    {
        var answer = Answer(Negotiation(), "m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\nm=image 6000 udptl t38\r\nm=audio 4002 RTP/AVP 0\r\n");

        Assert.Equal(["video 0", "audio 7000", "image 0", "audio 0"], answer.Media.Select(media => $"{media.Kind} {media.Port}"));
    }

    [Theory]
    [InlineData("a=ptime:30\r\n", 30)]
    [InlineData("a=ptime:60\r\na=maxptime:40\r\n", 40)]
    [InlineData("a=ptime:5\r\n", 10)]
    [InlineData("a=ptime:nonsense\r\n", 20)]
    public void PacketTime_IsThatOfThePeer_WithinReason(string lines, int expected)
    {
        var ours = Negotiation();
        Answer(ours, "m=audio 4000 RTP/AVP 0\r\n" + lines);
        Assert.Equal(expected, ours.Agreement!.PacketTime);
    }

    [Theory]
    [InlineData("96 0", "a=ptime:60\r\n", 96)] // a wish, which we need not meet
    [InlineData("96 0", "a=maxptime:20\r\n", 96)]
    [InlineData("96 0", "a=maxptime:10\r\n", 0)]
    [InlineData("96 101", "a=maxptime:10\r\n", 96)] // better longer packets than no call
    public void OpusIsNotSentToWhoeverTakesNoPacketsAsLongAsOurs_WhereThereIsAnotherCodec(string formats, string lines, int expected)
    {
        var ours = Negotiation(SrtpUse.Never, RtpCodec.Opus, RtpCodec.Pcmu);
        Answer(ours, $"m=audio 4000 RTP/AVP {formats}\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n{lines}");
        Assert.Equal(expected, ours.Agreement!.Codec.PayloadType.Value);
    }

    [Fact]
    public void OldHold_IsOne()
    {
        var ours = Negotiation();
        Answer(ours, "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
        Assert.Equal(MediaDirection.ReceiveOnly, ours.Agreement!.Direction);
    }

    [Theory]
    [InlineData(SrtpUse.Never, "RTP/AVP", true)]
    [InlineData(SrtpUse.Never, "RTP/SAVP", false)]
    [InlineData(SrtpUse.WhenOffered, "RTP/AVP", true)]
    [InlineData(SrtpUse.WhenOffered, "RTP/SAVP", true)]
    [InlineData(SrtpUse.Always, "RTP/AVP", false)]
    [InlineData(SrtpUse.Always, "RTP/SAVP", true)]
    public void Encryption_FollowsTheOperator(SrtpUse use, string protocol, bool isTaken)
    {
        var ours = Negotiation(use);
        Assert.True(SessionDescription.TryRead($"{Head}m=audio 4000 {protocol} 0\r\na=crypto:1 FOO inline:x\r\n{Key}", out var offer, out _));

        Assert.Equal(isTaken, ours.TryAnswer(offer, out var answer, out _));

        if (isTaken && protocol == "RTP/SAVP")
        {
            Assert.StartsWith("4 AES_CM_128_HMAC_SHA1_32 inline:", answer!.Media[0].Attributes["crypto"]!.Value);
            Assert.False(ours.Agreement!.RemoteCrypto!.Key.Key.SequenceEqual(ours.Agreement.LocalCrypto!.Key.Key));
        }
    }

    [Fact]
    public void OfferAndAnswer_BetweenTwoOfUs_Agree()
    {
        var one = Negotiation(SrtpUse.Always, RtpCodec.Opus, RtpCodec.G722, RtpCodec.Pcmu);
        var two = Negotiation(SrtpUse.WhenOffered, RtpCodec.G722, RtpCodec.Pcmu, RtpCodec.Opus);

        Assert.True(two.TryAnswer(Reread(one.CreateOffer()), out var answer, out _));
        Assert.True(one.TryAccept(Reread(answer), out _));

        Assert.Equal(RtpCodec.G722, one.Agreement!.Codec.Codec);
        Assert.Equal(RtpCodec.G722, two.Agreement!.Codec.Codec);
        Assert.True(one.Agreement.RemoteCrypto!.Key.Key.SequenceEqual(two.Agreement.LocalCrypto!.Key.Key));
        // The same again keeps numbers, keys and version.
        var again = one.CreateOffer();
        Assert.Equal(1UL, again.Origin.Version);
        one.Withdraw();
        one.Wanted = MediaDirection.Inactive;
        Assert.Equal(2UL, one.CreateOffer().Origin.Version);
    }

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 0\r\n")]
    [InlineData("m=audio 4000 RTP/AVP 18\r\n")]
    [InlineData("m=audio 4000 RTP/SAVP 0\r\n")]
    [InlineData("m=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\n")]
    [InlineData("")]
    public void AnswerThatDoesNotFit_IsNotTaken_AndTheOfferStaysOpen(string media)
    {
        var ours = Negotiation();
        ours.CreateOffer();
        Assert.True(SessionDescription.TryRead(Head + media, out var answer, out _));

        Assert.False(ours.TryAccept(answer, out var error));

        Assert.NotEmpty(error.Message);
        Assert.True(ours.HasOpenOffer);
        Assert.Null(ours.Agreement);
    }

    private static AudioNegotiation Negotiation(SrtpUse srtp = SrtpUse.Never, params RtpCodec[] codecs) => new(new AudioOptions
    {
        SessionId = 1,
        Local = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 7000),
        Codecs = codecs.Length > 0 ? codecs : [RtpCodec.Pcmu],
        Srtp = srtp,
        KeyEntropy = [.. Enumerable.Range(0, 30).Select(i => (byte)(i + (int)srtp))],
    });

    private static SessionDescription Answer(AudioNegotiation ours, string media)
    {
        Assert.True(SessionDescription.TryRead(Head + media, out var offer, out _));
        Assert.True(ours.TryAnswer(offer, out var answer, out var error), error?.Message);
        return Reread(answer);
    }

    private static SessionDescription Reread(SessionDescription description)
    {
        Assert.True(SessionDescription.TryRead(description.Format(), out var again, out var error), error?.Message);
        return again;
    }
}

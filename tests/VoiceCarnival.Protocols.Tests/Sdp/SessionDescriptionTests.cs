using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Tests.Sdp;

public sealed class SessionDescriptionTests
{
    [Theory]
    [InlineData(Offers.Chromium)]
    [InlineData(Offers.Firefox)]
    [InlineData(Offers.Phone)]
    public void Offer_ReadsTheSameAfterItWasWritten(string text)
    {
        var read = Read(text);
        string written = read.Format();
        Assert.Equal(written, Read(written).Format());
        Assert.Equal(text.ReplaceLineEndings("\r\n").Split("\r\n").Order(), written.Split("\r\n").Order());
    }

    [Fact]
    public void Phone_StaticTypesNeedNoMap_AndSessionFillsIn()
    {
        var read = Read(Offers.Phone);
        var audio = read.Media[0];
        Assert.Equal(
            [RtpCodec.Opus, RtpCodec.Pcmu, RtpCodec.Pcma, new RtpCodec("G729", 8000), RtpCodec.TelephoneEvent(48_000), RtpCodec.TelephoneEvent(8000)],
            audio.GetRtpMaps().Select(map => map.Codec));
        Assert.Equal("useinbandfec=1", audio.GetParameters(new PayloadType(96)));
        Assert.Null(audio.GetParameters(new PayloadType(9)));
        Assert.Equal((7078, "RTP/AVP", MediaDirection.SendReceive), (audio.Port, audio.Protocol, read.DirectionOf(audio)));
        Assert.Equal("192.0.2.10", (audio.Connection ?? read.Connection)!.Address);
        Assert.Equal(MediaDirection.SendOnly, read.DirectionOf(read.Media[1]));
        Assert.True(SdesCrypto.TryParse(read.Media[1].Attributes["crypto"]!.Value, out var crypto));
        Assert.Equal(1, crypto.Tag);
        Assert.Equal("Talk", read.Name);
        Assert.Equal((1452UL, 3040UL), (read.Origin.SessionId, read.Origin.Version));
    }

    [Fact]
    public void DirectionOfTheSession_HoldsWhereASectionStatesNone()
    {
        var read = Read("v=0\no=- 1 1 IN IP6 ::1\ns=x\nt=0 0\na=inactive\nm=audio 1 RTP/AVP 0\nm=audio 1 RTP/AVP 0\na=recvonly\n");
        Assert.Equal([MediaDirection.Inactive, MediaDirection.ReceiveOnly], read.Media.Select(read.DirectionOf));
        Assert.Equal([MediaDirection.SendReceive, MediaDirection.ReceiveOnly, MediaDirection.SendOnly, MediaDirection.Inactive], Enum.GetValues<MediaDirection>().Select(d => d.Answer()));
    }

    [Theory]
    [InlineData("", 0, "empty")]
    [InlineData("hello", 1, "lower-case letter")]
    [InlineData("v=1\n", 1, "v=0")]
    [InlineData("o=- 1 1 IN IP4 a\n", 1, "v=0")]
    [InlineData("v=0\ns=-\n", 0, "o=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\n", 0, "s=")]
    [InlineData("v=0\no=- x 1 IN IP4 a\n", 2, "o=")]
    [InlineData("v=0\no=- 1 18446744073709551616 IN IP4 a\n", 2, "o=")]
    [InlineData("v=0\no=- 1 1 IN IP5 a\n", 2, "o=")]
    [InlineData("v=0\no=- 1 1 IN IP4 /a\n", 2, "o=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\no=- 1 1 IN IP4 a\n", 3, "one o=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\n\nm=audio 1 RTP/AVP 0\n", 4, "lower-case letter")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\nc=IN IP4\n", 4, "c=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\nm=audio 65536 RTP/AVP 0\n", 4, "m=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\nm=audio -1 RTP/AVP 0\n", 4, "m=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\nm=audio 1 RTP/AVP\n", 4, "m=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\na=:x\n", 4, "a=")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\na=x\0y\n", 4, "control")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\r\ra=x\n", 3, "control")]
    [InlineData("v=0\no=- 1 1 IN IP4 a\ns=-\nX=1\n", 4, "lower-case letter")]
    public void BrokenDescription_IsRefusedByItsLine(string text, int line, string about)
    {
        Assert.False(SessionDescription.TryRead(text, out _, out var error));
        Assert.Equal(line, error.Line);
        Assert.Contains(about, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HugeDescriptions_AreRefused()
    {
        const string Head = "v=0\no=- 1 1 IN IP4 a\ns=-\n";
        Assert.False(SessionDescription.TryRead(Head + string.Concat(Enumerable.Repeat("a=x\n", 5000)), out _, out _));
        Assert.False(SessionDescription.TryRead(Head + string.Concat(Enumerable.Repeat("m=a 1 b c\n", 65)), out _, out _));
        Assert.False(SessionDescription.TryRead(Head + "a=" + new string('x', 9000), out _, out _));
        Assert.False(SessionDescription.TryRead(Head + new string('x', 200_000), out _, out _));
        Assert.False(SessionDescription.TryRead(Head + "m=audio 1 RTP/AVP" + string.Concat(Enumerable.Repeat(" 0", 200)), out _, out _));
        Assert.True(SessionDescription.TryRead(Head + "m=audio 1 RTP/AVP 0", out _, out _));
    }

    [Theory]
    [InlineData(Offers.Chromium)]
    [InlineData(Offers.Phone)]
    public void EveryTruncatedLength_IsReadOrRefused(string text)
    {
        for (int part = 0; part < text.Length; part++)
            Assert.True(SessionDescription.TryRead(text[..part], out _, out var error) || error is not null);
    }

    [Theory]
    [InlineData("111 opus/48000/2", true)]
    [InlineData("128 x/8000", false)]
    [InlineData("0 PCMU", false)]
    [InlineData("0 PCMU/0", false)]
    [InlineData("0 PCMU/99999999999", false)]
    [InlineData("0 PCMU/8000/0", false)]
    [InlineData("0 PCMU/8000/1/1", false)]
    [InlineData("0", false)]
    [InlineData(null, false)]
    public void RtpMap_IsReadOrNot(string? value, bool valid) => Assert.Equal(valid, RtpMap.TryParse(value) is not null);

    internal static SessionDescription Read(string text)
    {
        Assert.True(SessionDescription.TryRead(text, out var description, out var error), error?.ToString());
        return description;
    }
}

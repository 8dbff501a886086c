using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Tests.Srtp;

public sealed class SdesCryptoTests
{
    private const string Key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

    // RFC 4568, sections 4 and 9.1.
    [Theory]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|2^20")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|1048576")]
    [InlineData("1  AES_CM_128_HMAC_SHA1_80  INLINE:" + Key + " WSH=64 -FUTURE=1")]
    public void Rfc4568_Examples_AreRead(string value)
    {
        Assert.True(SdesCrypto.TryParse(value, out var crypto));
        Assert.Equal((1, SrtpProfile.AesCm128HmacSha1Tag80), (crypto.Tag, crypto.Key.Profile));
        Assert.Equal("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key, crypto.Format());
        Assert.DoesNotContain(Key, crypto.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("|2^31|1:1", 1)]
    [InlineData("|1048576|1234:128", 128)]
    [InlineData("|1:4", 4)]
    public void LengthOfTheKeysName_IsRead(string more, int length)
    {
        Assert.True(SdesCrypto.TryParse("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + more, out var crypto));
        Assert.Equal(length, crypto.MkiLength);
        Assert.Equal("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key, crypto.Format());
    }

    [Theory]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, 10, 10)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag32, 4, 10)]
    [InlineData(SrtpProfile.AeadAes128Gcm, 0, 0)]
    public void PacketsThatNameTheirKey_AreReadLikeOthers(SrtpProfile profile, int rtpTag, int rtcpTag)
    {
        using var key = new SrtpMasterKey(profile, new byte[SrtpProfiles.KeyLength], new byte[profile.SaltLength()]);
        using var sender = new SrtpSender(key);
        using var receiver = new SrtpReceiver(key, mkiLength: 4);
        byte[] rtp = [0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4], rtcp = [0x80, 201, 0, 1, 0, 0, 0, 9];
        byte[] named = Named(rtp, rtpTag, (Span<byte> buffer, ref int length) => sender.ProtectRtp(buffer, ref length));
        byte[] report = Named(rtcp, rtcpTag, (Span<byte> buffer, ref int length) => sender.ProtectRtcp(buffer, ref length));

        for (int part = 0; part < named.Length; part++)
            Assert.NotEqual(SrtpError.None, receiver.UnprotectRtp(named.AsSpan(0, part).ToArray(), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(named, out int plain));
        Assert.Equal(rtp, named[..plain]);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(report, out plain));
        Assert.Equal(rtcp, report[..plain]);
    }

    private delegate SrtpError Protection(Span<byte> buffer, ref int length);

    // With four bytes before the tag.
    private static byte[] Named(byte[] packet, int tag, Protection protect)
    {
        var buffer = new byte[packet.Length + 32];
        packet.CopyTo(buffer, 0);
        int length = packet.Length;
        Assert.Equal(SrtpError.None, protect(buffer, ref length));
        return [.. buffer[..(length - tag)], 0, 0, 0, 1, .. buffer[(length - tag)..length]];
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("x AES_CM_128_HMAC_SHA1_80 inline:" + Key)]
    [InlineData("-1 AES_CM_128_HMAC_SHA1_80 inline:" + Key)]
    [InlineData("9999999999 AES_CM_128_HMAC_SHA1_80 inline:" + Key)]
    [InlineData("1 F8_128_HMAC_SHA1_80 inline:" + Key)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 uri:" + Key)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSo=")] // a byte short
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "AAAA")] // three too many
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|1:0")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|1:129")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|x:4")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|:4")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|2^20|")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|2^20|1:4|9")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|1:4|2^20")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|2^")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + ";inline:" + Key)] // two keys
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + " UNENCRYPTED_SRTP")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + " KDR=1")]
    [InlineData("1 AEAD_AES_128_GCM inline:" + Key)] // wants 28 bytes
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + " -a -b -c -d -e -f -g -h -i")]
    public void WhatWeDoNotDo_IsRefused(string value) => Assert.False(SdesCrypto.TryParse(value, out _));

    [Fact]
    public void EveryTruncatedAttribute_IsRefused()
    {
        const string Whole = "1 AES_CM_128_HMAC_SHA1_80 inline:" + Key;
        for (int part = 0; part < Whole.Length; part++)
            Assert.False(SdesCrypto.TryParse(Whole.AsSpan(0, part), out _));
    }
}

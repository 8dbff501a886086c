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
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|2^20|1:4")] // MKI
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Key + "|1:4")]
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

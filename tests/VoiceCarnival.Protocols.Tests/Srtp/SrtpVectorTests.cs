using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Tests.Srtp;

public sealed class SrtpVectorTests
{
    private static readonly byte[] MasterKey = Hex.Bytes("E1F97A0D3E018BE0D64FA32C06DE4139");
    private static readonly byte[] MasterSalt = Hex.Bytes("0EC675AD498AFEEBB6960B3AABE6");

    [Fact]
    public void Rfc3711_B_2_KeyStreamOfCounterMode()
    {
        using var cipher = new AesCounterStream(Hex.Bytes("2B7E151628AED2A6ABF7158809CF4F3C"), Hex.Bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
        var stream = new byte[16 * 0xFF02];
        cipher.Apply(stream, 0, 0);
        Assert.Equal(Hex.Bytes("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0"), stream[..48]);
        Assert.Equal(Hex.Bytes("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44"), stream[^(3 * 16)..]);
    }

    [Theory]
    [InlineData(SrtpKeyDerivation.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyDerivation.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(SrtpKeyDerivation.RtpAuthentication, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E47403576")]
    public void Rfc3711_B_3_DerivedKeys(byte label, string hex)
    {
        using var master = new SrtpMasterKey(SrtpProfile.AesCm128HmacSha1Tag80, MasterKey, MasterSalt);
        var expected = Hex.Bytes(hex);
        var key = new byte[expected.Length];
        SrtpKeyDerivation.Derive(master, label, key);
        Assert.Equal(expected, key);
    }

    // The packets that libsrtp checks itself against at start, under the master key of RFC 3711, B.3.
    [Fact]
    public void AesCm_PacketsOfLibsrtp()
    {
        using var master = new SrtpMasterKey(SrtpProfile.AesCm128HmacSha1Tag80, MasterKey, MasterSalt);
        using var sender = new SrtpSender(master);
        using var receiver = new SrtpReceiver(master);

        var rtp = new byte[38];
        Hex.Bytes("800F1234 DECAFBAD CAFEBABE ABABABAB ABABABAB ABABABAB ABABABAB").CopyTo(rtp, 0);
        int length = 28;
        Assert.Equal(SrtpError.None, sender.ProtectRtp(rtp, ref length));
        Assert.Equal(Hex.Bytes("800F1234 DECAFBAD CAFEBABE 4E55DC4C E79978D8 8CA4D215 949D2402 B78D6ACC 99EA179B 8DBB"), rtp[..length]);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(rtp, out length));
        Assert.Equal(Hex.Bytes("800F1234 DECAFBAD CAFEBABE ABABABAB ABABABAB ABABABAB ABABABAB"), rtp[..length]);

        var rtcp = new byte[38];
        Hex.Bytes("81C8000B CAFEBABE ABABABAB ABABABAB ABABABAB ABABABAB").CopyTo(rtcp, 0);
        length = 24;
        Assert.Equal(SrtpError.None, sender.ProtectRtcp(rtcp, ref length));
        Assert.Equal(Hex.Bytes("81C8000B CAFEBABE 7128035B E487B9BD BEF89041 F977A5A8 80000001 993E08CD 54D6C123 0798"), rtcp[..length]);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(rtcp, out length));
        Assert.Equal(Hex.Bytes("81C8000B CAFEBABE ABABABAB ABABABAB ABABABAB ABABABAB"), rtcp[..length]);
    }

    [Fact]
    public void Rfc7714_16_1_1_RtpPacket()
    {
        using var gcm = GcmOfTheRfc();
        var plain = Hex.Bytes("8040F17B 8041F8D3 5501A0B2 47616C6C 69612065 7374206F 6D6E6973 20646976 69736120 696E2070 61727465 73207472 6573");
        var packet = new byte[plain.Length + 16];
        plain.CopyTo(packet, 0);
        gcm.ProtectRtp(packet, 12, 0x5501A0B2, 0xF17B);
        Assert.Equal(
            Hex.Bytes("8040F17B 8041F8D3 5501A0B2 F24DE3A3 FB34DE6C ACBA861C 9D7E4BCA BE633BD5 0D294E6F 42A5F47A 51C7D19B 36DE3ADF 8833899D 7F27BEB1 6A9152CF 765EE439 0CCE"),
            packet);
        Assert.True(gcm.TryUnprotectRtp(packet, 12, 0x5501A0B2, 0xF17B));
        Assert.Equal(plain, packet[..plain.Length]);
    }

    [Fact]
    public void Rfc7714_17_1_RtcpPacket()
    {
        using var gcm = GcmOfTheRfc();
        var plain = Hex.Bytes("81C8000D 4D617273 4E545031 4E545032 52545020 0000042A 0000E930 4C756E61 DEADBEEF DEADBEEF DEADBEEF DEADBEEF DEADBEEF");
        var packet = new byte[plain.Length + 20];
        plain.CopyTo(packet, 0);
        gcm.ProtectRtcp(packet, 0x4D617273, 0x5D4);
        Assert.Equal(
            Hex.Bytes("81C8000D 4D617273 63E94885 DCDAB67C A727D766 2F6B7E99 7FF5C0F7 6C06F32D C676A5F1 730D6FDA 4CE09B46 86303DED 0BB9275B C84AA458 96CF4D2F C5ABF872 45D9EADE 800005D4"),
            packet);
        Assert.Equal(0x5D4u, gcm.ReadRtcpIndex(packet));
        Assert.True(gcm.TryUnprotectRtcp(packet, 0x4D617273));
        Assert.Equal(plain, packet[..plain.Length]);
    }

    // RFC 7714, section 17.2: authenticated, not encrypted.
    [Fact]
    public void RtcpWithoutTheEncryptedBit_IsAuthenticatedAsItStands()
    {
        using var gcm = GcmOfTheRfc();
        using var aes = new System.Security.Cryptography.AesGcm(Hex.Bytes("000102030405060708090A0B0C0D0E0F"), 16);
        var plain = Hex.Bytes("81C8000D 4D617273 4E545031 4E545032");
        var word = Hex.Bytes("000005D4");
        var tag = new byte[16];
        // 00 00 SSRC 00 00 index, XOR the salt "Quid pro quo".
        aes.Encrypt(Hex.Bytes("5175 2405 5203 726F 2071 70BB"), ReadOnlySpan<byte>.Empty, [], tag, [.. plain, .. word]);
        byte[] packet = [.. plain, .. tag, .. word];
        Assert.True(gcm.TryUnprotectRtcp(packet, 0x4D617273));
        packet[9] ^= 1;
        Assert.False(gcm.TryUnprotectRtcp(packet, 0x4D617273));
    }

    private static AesGcmTransform GcmOfTheRfc() => new(Hex.Bytes("000102030405060708090A0B0C0D0E0F"), Hex.Bytes("51756964 2070726F 2071756F"));
}

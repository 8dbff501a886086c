using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Protocols.Tests.Srtp;

public sealed class SrtpSessionTests
{
    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AesCm128HmacSha1Tag80, SrtpProfile.AesCm128HmacSha1Tag32, SrtpProfile.AeadAes128Gcm];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void LossyReorderedStream_OverTwoRollovers_IsReadExactlyOnce(SrtpProfile profile)
    {
        var random = new Random(3711);
        using var pair = new Pair(profile);
        var held = new List<(int Number, byte[] Packet)>();
        int read = 0, refused = 0;
        const int Start = 60_000, Count = 145_000;
        for (int number = Start; number < Start + Count; number++)
        {
            // Most of a round is skipped over in strides of 61; the borders are what matters.
            bool stride = number % 65_536 is > 1_000 and < 64_500;
            if (stride && number % 61 != 0)
                continue;
            var packet = pair.ProtectRtp(number, 1 + number % 50);
            if (random.Next(10) == 0)
                continue;
            // A packet held back for longer than the window would rightly be refused.
            held.RemoveAll(late => number - late.Number >= 64);
            held.Add((number, packet));
            if (!stride && random.Next(3) != 0)
                continue;
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(held));
            foreach (var (sent, bytes) in held)
            {
                var copy = bytes.ToArray();
                Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(bytes, out int length));
                Assert.Equal(Plain(sent, 1 + sent % 50), bytes[..length]);
                Assert.Equal(SrtpError.Replayed, pair.Receiver.UnprotectRtp(copy, out _));
                read++;
                refused++;
            }

            held.Clear();
        }

        Assert.True(read > 5000 && refused == read, $"{read} read");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void PacketOlderThanTheWindow_IsRefused(SrtpProfile profile)
    {
        using var pair = new Pair(profile);
        var old = pair.ProtectRtp(1, 10);
        var edge = pair.ProtectRtp(2, 10);
        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(pair.ProtectRtp(65, 10), out _));
        Assert.Equal(SrtpError.Replayed, pair.Receiver.UnprotectRtp(old, out _));
        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(edge, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void AnyFlippedBit_IsNotAuthentic_AndTheRealPacketStillPasses(SrtpProfile profile)
    {
        using var pair = new Pair(profile);
        var rtp = pair.ProtectRtp(1, 20);
        var rtcp = pair.ProtectRtcp(24);
        for (int bit = 0; bit < 8 * rtp.Length; bit++)
        {
            var changed = rtp.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpError.None, pair.Receiver.UnprotectRtp(changed, out _));
        }

        for (int bit = 0; bit < 8 * rtcp.Length; bit++)
        {
            var changed = rtcp.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpError.None, pair.Receiver.UnprotectRtcp(changed, out _));
        }

        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(rtp, out _));
        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtcp(rtcp, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void EveryTruncatedLength_IsRefused(SrtpProfile profile)
    {
        using var pair = new Pair(profile);
        var rtp = pair.ProtectRtp(1, 20);
        var rtcp = pair.ProtectRtcp(24);
        for (int part = 0; part < rtp.Length; part++)
            Assert.NotEqual(SrtpError.None, pair.Receiver.UnprotectRtp(rtp.AsSpan(0, part).ToArray(), out _));
        for (int part = 0; part < rtcp.Length; part++)
            Assert.NotEqual(SrtpError.None, pair.Receiver.UnprotectRtcp(rtcp.AsSpan(0, part).ToArray(), out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_IsReadOnce_InAnyOrder(SrtpProfile profile)
    {
        using var pair = new Pair(profile);
        var packets = Enumerable.Range(0, 20).Select(_ => pair.ProtectRtcp(28)).Reverse().ToArray();
        foreach (var packet in packets)
        {
            var copy = packet.ToArray();
            Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtcp(packet, out int length));
            Assert.Equal(PlainRtcp(28), packet[..length]);
            Assert.Equal(SrtpError.Replayed, pair.Receiver.UnprotectRtcp(copy, out _));
        }
    }

    [Fact]
    public void SamePacketTwice_IsNotProtectedTwice()
    {
        using var pair = new Pair(SrtpProfile.AeadAes128Gcm);
        pair.ProtectRtp(5, 10);
        var again = new byte[100];
        Plain(5, 10).CopyTo(again, 0);
        int length = 22;
        Assert.Equal(SrtpError.Replayed, pair.Sender.ProtectRtp(again, ref length));
        Assert.Equal(22, length);
    }

    [Fact]
    public void BufferWithoutRoomForTheTag_IsLeftAlone()
    {
        using var pair = new Pair(SrtpProfile.AesCm128HmacSha1Tag80);
        var packet = Plain(1, 10);
        int length = packet.Length;
        Assert.Equal(SrtpError.BufferTooSmall, pair.Sender.ProtectRtp(packet, ref length));
        Assert.Equal(Plain(1, 10), packet);
    }

    [Fact]
    public void StrangersLeaveNoTrace_AndPeersHaveFewSources()
    {
        using var pair = new Pair(SrtpProfile.AesCm128HmacSha1Tag80, maxSources: 2);
        using var strangers = new Pair(SrtpProfile.AesCm128HmacSha1Tag80, seed: 2, maxSources: 100);
        for (uint source = 0; source < 50; source++)
            Assert.Equal(SrtpError.NotAuthentic, pair.Receiver.UnprotectRtp(strangers.ProtectRtp(1, 10, source), out _));
        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(pair.ProtectRtp(1, 10, 1), out _));
        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(pair.ProtectRtp(1, 10, 2), out _));
        var third = new byte[100];
        Plain(1, 10, 3).CopyTo(third, 0);
        int length = 22;
        Assert.Equal(SrtpError.TooManySources, pair.Sender.ProtectRtp(third, ref length));
    }

    [Fact]
    public void SourceThatChangesAgainAndAgain_IsHeardStill()
    {
        using var pair = new Pair(SrtpProfile.AesCm128HmacSha1Tag80);
        byte[][] packets = [.. Enumerable.Range(1, 40).Select(source => pair.ProtectRtp(1, 10, (uint)source))];
        foreach (byte[] packet in packets)
            Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp([.. packet], out _));
        Assert.Equal(SrtpError.None, pair.Receiver.UnprotectRtp(pair.ProtectRtp(2, 10, 1), out _));
        Assert.Equal(SrtpError.Replayed, pair.Receiver.UnprotectRtp([.. packets[7]], out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Media_AllocatesNothing(SrtpProfile profile)
    {
        using var pair = new Pair(profile);
        var packet = new byte[300];
        int number = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                new RtpHeader { Sequence = new SequenceNumber((ushort)number++), Ssrc = new Ssrc(1) }.Write(packet);
                int length = 172;
                if (pair.Sender.ProtectRtp(packet, ref length) != SrtpError.None || pair.Receiver.UnprotectRtp(packet.AsSpan(0, length), out _) != SrtpError.None)
                    throw new InvalidOperationException("The packet did not come through.");
            }
        }));
    }

    [Fact]
    public void KeysOfTheExporter_AreCrossedBetweenClientAndServer()
    {
        var exported = Enumerable.Range(0, SrtpProfile.AeadAes128Gcm.ExportedLength()).Select(i => (byte)i).ToArray();
        using var client = SrtpKeyingMaterial.FromExporter(SrtpProfile.AeadAes128Gcm, exported, isClient: true);
        using var server = SrtpKeyingMaterial.FromExporter(SrtpProfile.AeadAes128Gcm, exported, isClient: false);
        Assert.Equal(exported[..16], client.Local.Key.ToArray());
        Assert.Equal(exported[32..44], client.Local.Salt.ToArray());
        Assert.Equal(client.Local.Key.ToArray(), server.Remote.Key.ToArray());
        Assert.Equal(client.Remote.Salt.ToArray(), server.Local.Salt.ToArray());
        Assert.Throws<ArgumentException>(() => SrtpKeyingMaterial.FromExporter(SrtpProfile.AesCm128HmacSha1Tag80, exported, isClient: true));
        client.Dispose();
        Assert.All(client.Local.Key.ToArray(), b => Assert.Equal(0, b));
    }

    private static byte[] Plain(int number, int payload, uint source = 0x1234)
    {
        var packet = new byte[RtpHeader.FixedLength + payload];
        new RtpHeader { Sequence = new SequenceNumber((ushort)number), Timestamp = (uint)(160 * number), Ssrc = new Ssrc(source) }.Write(packet);
        packet.AsSpan(RtpHeader.FixedLength).Fill((byte)number);
        return packet;
    }

    private static byte[] PlainRtcp(int length)
    {
        var packet = new byte[length];
        packet[0] = 0x80;
        packet[1] = 200;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), 0x1234);
        packet.AsSpan(8).Fill(7);
        return packet;
    }

    private sealed class Pair : IDisposable
    {
        public Pair(SrtpProfile profile, int seed = 1, int maxSources = SrtpSender.DefaultMaxSources)
        {
            var random = new Random(seed);
            var key = new byte[SrtpProfiles.KeyLength];
            var salt = new byte[profile.SaltLength()];
            random.NextBytes(key);
            random.NextBytes(salt);
            using var master = new SrtpMasterKey(profile, key, salt);
            Sender = new SrtpSender(master, maxSources);
            Receiver = new SrtpReceiver(master, maxSources);
        }

        public SrtpSender Sender { get; }

        public SrtpReceiver Receiver { get; }

        public byte[] ProtectRtp(int number, int payload, uint source = 0x1234)
        {
            var plain = Plain(number, payload, source);
            var packet = new byte[plain.Length + 16];
            plain.CopyTo(packet, 0);
            int length = plain.Length;
            Assert.Equal(SrtpError.None, Sender.ProtectRtp(packet, ref length));
            Assert.Equal(plain.Length + Sender.Profile.RtpOverhead(), length);
            return packet[..length];
        }

        public byte[] ProtectRtcp(int size)
        {
            var packet = new byte[size + 20];
            PlainRtcp(size).CopyTo(packet, 0);
            int length = size;
            Assert.Equal(SrtpError.None, Sender.ProtectRtcp(packet, ref length));
            return packet[..length];
        }

        public void Dispose()
        {
            Sender.Dispose();
            Receiver.Dispose();
        }
    }
}

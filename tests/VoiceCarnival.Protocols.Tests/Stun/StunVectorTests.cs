using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Protocols.Tests.Stun;

/// <summary>The sample messages of RFC 5769.</summary>
public sealed class StunVectorTests
{
    private static readonly byte[] Password = Encoding.ASCII.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");

    private static readonly byte[] Request = Hex.Bytes(
        """
        00010058 2112A442 B7E7A701 BC34D686 FA87DFAE 80220010 5354554E 20746573 7420636C 69656E74 00240004 6E0001FF 80290008 932FF9B1 51263B36
        00060009 6576746A 3A683676 59202020 00080014 9AEAA70C BFD8CB56 781EF2B5 B2D3F249 C1B571A2 80280004 E57A3BCF
        """);

    private static readonly byte[] ResponseV4 = Hex.Bytes(
        """
        0101003C 2112A442 B7E7A701 BC34D686 FA87DFAE 8022000B 74657374 20766563 746F7220 00200008 0001A147 E112A643
        00080014 2B91F599 FD9E90C3 8C7489F9 2AF9BA53 F06BE7D7 80280004 C07D4C96
        """);

    private static readonly byte[] ResponseV6 = Hex.Bytes(
        """
        01010048 2112A442 B7E7A701 BC34D686 FA87DFAE 8022000B 74657374 20766563 746F7220 00200014 0002A147 0113A9FA A5D3F179 BC25F4B5 BED2B9D9
        00080014 A382954E 4BE67BF1 1784C97C 8292C275 BFE3ED41 80280004 C8FB0B4C
        """);

    [Fact]
    public void Rfc5769_2_1_Request()
    {
        Assert.Equal(StunError.None, StunMessage.TryRead(Request, out var message));
        Assert.Equal((StunClass.Request, StunMethod.Binding, true, true), (message.Class, message.Method, message.HasFingerprint, message.HasIntegrity));
        Assert.Equal(0x6E0001FFu, message.GetUInt32(StunAttributeType.Priority));
        Assert.Equal(0x932FF9B151263B36, message.GetUInt64(StunAttributeType.IceControlled));
        Assert.True(message.TryGet(StunAttributeType.Username, out var username));
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(username));
        Assert.True(message.HasValidIntegrity(Password));
        Assert.False(message.HasValidIntegrity("VOkJxbRl1RmTxUk/WvJxBs"u8));
    }

    [Fact]
    public void Rfc5769_2_2_ResponseWithIPv4()
    {
        Assert.Equal(StunError.None, StunMessage.TryRead(ResponseV4, out var message));
        Assert.Equal(StunClass.Success, message.Class);
        Assert.True(message.HasValidIntegrity(Password));
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:32853"), message.GetXorMappedAddress());
    }

    [Fact]
    public void Rfc5769_2_3_ResponseWithIPv6()
    {
        Assert.Equal(StunError.None, StunMessage.TryRead(ResponseV6, out var message));
        Assert.True(message.HasValidIntegrity(Password));
        Assert.Equal(IPEndPoint.Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"), message.GetXorMappedAddress());
    }

    [Fact]
    public void Rfc5769_2_2_IsWrittenAsItStands_ExceptForTheFilling()
    {
        // The sample fills its software attribute up with a blank where we put a zero; without it, the rest can be compared by reading it back.
        var buffer = new byte[StunMessage.MaxLength];
        var id = StunTransactionId.Read(Hex.Bytes("B7E7A701 BC34D686 FA87DFAE"));
        foreach (string address in new[] { "192.0.2.1:32853", "[2001:db8:1234:5678:11:2233:4455:6677]:32853", "[::ffff:192.0.2.1]:32853" })
        {
            var writer = new StunWriter(buffer, StunClass.Success, StunMethod.Binding, id);
            writer.Add(StunAttributeType.Software, "test vector");
            writer.AddXorMappedAddress(IPEndPoint.Parse(address));
            writer.AddMessageIntegrity(Password);
            writer.AddFingerprint();
            var sample = address[1] == '2' ? ResponseV6 : ResponseV4;
            Assert.Equal(sample.Length, writer.Length);
            Assert.Equal(sample[..35], buffer[..35]);
            Assert.Equal(sample[36..^32], buffer[36..(writer.Length - 32)]);
            Assert.Equal(StunError.None, StunMessage.TryRead(buffer.AsSpan(0, writer.Length), out var message));
            Assert.True(message.HasFingerprint && message.HasValidIntegrity(Password));
        }
    }

    [Fact]
    public void EveryTruncatedLength_AndEveryFlippedBit_IsRefused()
    {
        foreach (var sample in new[] { Request, ResponseV4, ResponseV6 })
        {
            for (int part = 0; part < sample.Length; part++)
                Assert.NotEqual(StunError.None, StunMessage.TryRead(sample.AsSpan(0, part), out _));
            for (int bit = 0; bit < 8 * sample.Length; bit++)
            {
                var changed = sample.ToArray();
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                // Where the change makes the fingerprint another attribute, the integrity still holds what it covers together.
                Assert.False(StunMessage.TryRead(changed, out var message) == StunError.None && message.HasFingerprint);
            }
        }
    }
}

using System.Net;
using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Protocols.Tests.Stun;

public sealed class StunMessageTests
{
    private static readonly StunTransactionId Id = new(1, 2);

    [Theory]
    [InlineData(StunClass.Request, 0x0001)]
    [InlineData(StunClass.Indication, 0x0011)]
    [InlineData(StunClass.Success, 0x0101)]
    [InlineData(StunClass.Error, 0x0111)]
    public void Type_HoldsMethodAndClass(StunClass messageClass, int type)
    {
        var buffer = new byte[100];
        var writer = new StunWriter(buffer, messageClass, StunMethod.Binding, Id);
        Assert.Equal(type, buffer[0] << 8 | buffer[1]);
        Assert.Equal(StunError.None, StunMessage.TryRead(buffer.AsSpan(0, writer.Length), out var message));
        Assert.Equal((messageClass, StunMethod.Binding, Id), (message.Class, message.Method, message.TransactionId));
        Assert.False(message.HasValidIntegrity("key"u8));
    }

    [Fact]
    public void OtherMethods_AreToldApart()
    {
        for (int method = 0; method < 0x1000; method++)
        {
            var buffer = new byte[20];
            _ = new StunWriter(buffer, StunClass.Error, (StunMethod)method, Id);
            Assert.Equal(StunError.None, StunMessage.TryRead(buffer, out var message));
            Assert.Equal((StunClass.Error, (StunMethod)method), (message.Class, message.Method));
        }
    }

    [Fact]
    public void ErrorResponse_RoundTrips()
    {
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Error, StunMethod.Binding, Id);
        writer.AddErrorCode(487, "Role Conflict");
        writer.AddUnknownAttributes([(StunAttributeType)0x7001, (StunAttributeType)0x7002, (StunAttributeType)0x7003]);
        writer.AddMessageIntegrity("key"u8);
        Assert.Equal(StunError.None, StunMessage.TryRead(buffer.AsSpan(0, writer.Length), out var message));
        Assert.Equal(487, message.GetErrorCode());
        Assert.True(message.TryGet(StunAttributeType.UnknownAttributes, out var unknown));
        Assert.Equal(Hex.Bytes("700170027003"), unknown.ToArray());
    }

    [Fact]
    public void UnknownAttributes_AreNamedOnlyWhenTheyMustBeUnderstood()
    {
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, Id);
        writer.Add((StunAttributeType)0xC057, 1u); // what Chromium sends
        writer.Add((StunAttributeType)0x7001, 1u);
        writer.Add(StunAttributeType.Priority, 1u);
        Assert.Equal(StunError.None, StunMessage.TryRead(buffer.AsSpan(0, writer.Length), out var message));
        Span<StunAttributeType> types = stackalloc StunAttributeType[4];
        Assert.Equal(1, message.CopyUnknownRequired(types));
        Assert.Equal((StunAttributeType)0x7001, types[0]);
    }

    [Fact]
    public void AttributesBehindTheIntegrity_AreNotShown()
    {
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, Id);
        writer.Add(StunAttributeType.Priority, 1u);
        writer.AddMessageIntegrity("key"u8);
        writer.Add(StunAttributeType.UseCandidate, ReadOnlySpan<byte>.Empty);
        writer.AddFingerprint();
        Assert.Equal(StunError.None, StunMessage.TryRead(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.HasValidIntegrity("key"u8));
        Assert.False(message.TryGet(StunAttributeType.UseCandidate, out _));
        Assert.Equal(1u, message.GetUInt32(StunAttributeType.Priority));
    }

    [Theory]
    [InlineData("00010000 2112A443 000000000000000000000000", StunError.NotStun)] // another cookie
    [InlineData("80010000 2112A442 000000000000000000000000", StunError.NotStun)]
    [InlineData("00010004 2112A442 000000000000000000000000", StunError.BrokenAttributes)] // longer than the datagram
    [InlineData("00010000 2112A442 000000000000000000000000 00", StunError.BrokenAttributes)]
    [InlineData("00010004 2112A442 000000000000000000000000 00060004", StunError.BrokenAttributes)]
    [InlineData("00010004 2112A442 000000000000000000000000 0006FFFF", StunError.BrokenAttributes)]
    [InlineData("00010008 2112A442 000000000000000000000000 00080004 00000000", StunError.BrokenAttributes)] // an integrity of four bytes
    [InlineData("00010004 2112A442 000000000000000000000000 80280000", StunError.BrokenAttributes)]
    [InlineData("0001000C 2112A442 000000000000000000000000 80280004 00000000 00250000", StunError.BrokenAttributes)] // a fingerprint that is not last
    [InlineData("00010008 2112A442 000000000000000000000000 80280004 00000000", StunError.WrongFingerprint)]
    [InlineData("00010008 2112A442 000000000000000000000000 00200004 00010000", StunError.None)] // an address that is none
    public void HostileMessage_IsRefused(string hex, StunError error)
    {
        Assert.Equal(error, StunMessage.TryRead(Hex.Bytes(hex), out var message));
        if (error == StunError.None)
            Assert.Null(message.GetXorMappedAddress());
    }

    [Fact]
    public void MessageLongerThanAnyThatIsSent_IsRefused()
    {
        var bytes = new byte[2000];
        Hex.Bytes("000107BC 2112A442").CopyTo(bytes, 0);
        Assert.Equal(StunError.WrongLength, StunMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void RandomAddresses_RoundTrip()
    {
        var random = new Random(8489);
        var buffer = new byte[100];
        for (int i = 0; i < 500; i++)
        {
            var address = new byte[random.Next(2) == 0 ? 4 : 16];
            random.NextBytes(address);
            var endPoint = new IPEndPoint(new IPAddress(address), random.Next(65_536));
            var writer = new StunWriter(buffer, StunClass.Success, StunMethod.Binding, new StunTransactionId((uint)random.Next(), (ulong)random.NextInt64()));
            writer.AddXorMappedAddress(endPoint);
            Assert.Equal(StunError.None, StunMessage.TryRead(buffer.AsSpan(0, writer.Length), out var message));
            Assert.Equal(endPoint, message.GetXorMappedAddress());
        }
    }

    [Theory]
    [InlineData("", DatagramKind.Unknown)]
    [InlineData("00", DatagramKind.Unknown)]
    [InlineData("0001", DatagramKind.Stun)]
    [InlineData("0301", DatagramKind.Stun)]
    [InlineData("0401", DatagramKind.Unknown)]
    [InlineData("1301", DatagramKind.Unknown)]
    [InlineData("14FE", DatagramKind.Dtls)]
    [InlineData("3FFE", DatagramKind.Dtls)]
    [InlineData("40FE", DatagramKind.Unknown)]
    [InlineData("806F", DatagramKind.Rtp)]
    [InlineData("80EF", DatagramKind.Rtp)] // marker and payload type 111
    [InlineData("80C0", DatagramKind.Rtcp)]
    [InlineData("BFDF", DatagramKind.Rtcp)]
    [InlineData("80E0", DatagramKind.Rtp)]
    [InlineData("C000", DatagramKind.Unknown)]
    public void Rfc7983_7_FirstBytes_TellDatagramsApart(string hex, DatagramKind kind) => Assert.Equal(kind, DatagramKinds.Of(Hex.Bytes(hex)));
}

using System.Buffers.Binary;
using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Protocols.Tests.Sctp;

public sealed class StreamResetsTests
{
    private const uint Denied = 2;

    [Theory]
    [InlineData(14)] // reset our streams
    [InlineData(15)] // begin numbers anew
    [InlineData(17)] // more streams of the peer's
    [InlineData(18)] // more of ours
    public void Rfc6525_RequestThatIsNotGranted_IsRefused_EachTimeItComes(ushort type)
    {
        var resets = new StreamResets(100, 500);
        for (int i = 0; i < 2; i++)
            Assert.Equal((500u, Denied), Answer(resets, type));
    }

    [Fact]
    public void Rfc6525_4_1_ResetOfAllStreamsAtOnce_IsRefused_AndNotSaidToBeDone()
    {
        var resets = new StreamResets(100, 500);
        var request = new byte[16];
        SctpParameter.WriteHeader(request, SctpParameter.OutgoingReset, 12);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(4), 500);
        Span<byte> answer = stackalloc byte[24];
        var reset = new List<ushort>();
        resets.Receive(request, 0, ref answer, reset, []);
        Assert.Equal(Denied, BinaryPrimitives.ReadUInt32BigEndian(answer[8..]));
        Assert.Empty(reset);
    }

    private static (uint Number, uint Result) Answer(StreamResets resets, ushort type)
    {
        var request = new byte[12];
        SctpParameter.WriteHeader(request, type, 8);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(4), 500);
        Span<byte> answer = stackalloc byte[24];
        resets.Receive(request, 0, ref answer, [], []);
        Assert.Equal(12, answer.Length);
        Assert.Equal(SctpParameter.ResetResponse, BinaryPrimitives.ReadUInt16BigEndian(answer));
        return (BinaryPrimitives.ReadUInt32BigEndian(answer[4..]), BinaryPrimitives.ReadUInt32BigEndian(answer[8..]));
    }
}

using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Tests.Rtp;

public sealed class SequenceNumberTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(65_535, 0, 1)]
    [InlineData(0, 65_535, -1)]
    [InlineData(10, 32_777, 32_767)]
    [InlineData(10, 32_778, -32_768)]
    public void Distance_IsTheShorterWay(int from, int to, int distance)
    {
        Assert.Equal(distance, new SequenceNumber((ushort)from).DistanceTo(new SequenceNumber((ushort)to)));
        Assert.Equal(distance > 0, new SequenceNumber((ushort)to).IsAfter(new SequenceNumber((ushort)from)));
    }

    [Fact]
    public void NumberAfterTheLast_IsZero() => Assert.Equal(new SequenceNumber(0), new SequenceNumber(65_535).Next);

    [Fact]
    public void ReorderedNumbersOverSeveralRounds_AreCountedAsTheyWereSent()
    {
        var random = new Random(3550);
        var unwrapper = new SequenceUnwrapper();
        long start = 65_000;
        Assert.Equal(start, unwrapper.Unwrap(new SequenceNumber((ushort)start)));
        for (long sent = start; sent < start + 300_000; sent += random.Next(1, 900))
        {
            long late = Math.Max(start, sent - random.Next(20_000));
            Assert.Equal(sent, unwrapper.Unwrap(new SequenceNumber((ushort)sent)));
            Assert.Equal(late, unwrapper.Unwrap(new SequenceNumber((ushort)late)));
            Assert.Equal(sent, unwrapper.Highest);
        }
    }
}

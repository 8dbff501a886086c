using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Protocols.Tests.Ice;

public sealed class StreamFramingTests
{
    [Fact]
    public void Rfc4571_FramesInPiecesOfAnySize_AreReadAsTheyWereWritten()
    {
        var random = new Random(4571);
        var sent = Enumerable.Range(0, 200).Select(_ => { var frame = new byte[random.Next(StreamFraming.MaxFrame + 1)]; random.NextBytes(frame); return frame; }).ToList();
        var stream = sent.SelectMany(frame => { var header = new byte[2]; StreamFraming.WriteHeader(header, frame.Length); return header.Concat(frame); }).ToArray();
        var pending = new List<byte>();
        var read = new List<byte[]>();
        for (int at = 0; at < stream.Length;)
        {
            int piece = Math.Min(random.Next(1, 3000), stream.Length - at);
            pending.AddRange(stream.AsSpan(at, piece));
            at += piece;
            while (StreamFraming.TryRead(pending.ToArray(), out var frame, out int consumed) == StreamFrameStatus.Complete)
            {
                read.Add(frame.ToArray());
                pending.RemoveRange(0, consumed);
            }
        }

        Assert.Equal(sent, read);
        Assert.Empty(pending);
    }

    [Theory]
    [InlineData("", StreamFrameStatus.Incomplete)]
    [InlineData("00", StreamFrameStatus.Incomplete)]
    [InlineData("000201", StreamFrameStatus.Incomplete)]
    [InlineData("0000", StreamFrameStatus.Complete)]
    [InlineData("0801", StreamFrameStatus.TooLong)]
    [InlineData("FFFF", StreamFrameStatus.TooLong)]
    public void Length_IsJudgedBeforeTheFrameIsThere(string hex, StreamFrameStatus status) =>
        Assert.Equal(status, StreamFraming.TryRead(Hex.Bytes(hex), out _, out _));
}

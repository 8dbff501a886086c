using VoiceCarnival.Engines.OpenAIRealtime.Input;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime;

public sealed class AudioTapeTests
{
    [Fact]
    public void ManyCallersWhoseAudioIsProvedTogetherAllocateNothing()
    {
        var tapes = Enumerable.Range(0, 100).Select(_ => new AudioTape(480_000)).ToArray();
        byte[] frame = new byte[960];

        Assert.Equal(0, Allocations.Least(() => KeepAndProve(tapes, frame)));
    }

    [Fact]
    public void WhatIsKeptIsReadPieceByPiece()
    {
        var tape = new AudioTape(4000);
        for (int i = 0; i < 6000; i++)
            tape.Append([(byte)i]);

        tape.DropBefore(2500);

        Assert.Equal((2500, 6000), (tape.Start, tape.End));
        var read = new List<byte>();
        while (tape.Read(2600 + read.Count, 5900) is { IsEmpty: false } piece)
            read.AddRange(piece);
        Assert.Equal(Enumerable.Range(2600, 3300).Select(i => (byte)i), read);
    }

    private static void KeepAndProve(AudioTape[] tapes, byte[] frame)
    {
        foreach (var tape in tapes)
        {
            for (int i = 0; i < 15; i++)
                tape.Append(frame);
        }

        foreach (var tape in tapes)
            tape.DropBefore(tape.End);
    }
}

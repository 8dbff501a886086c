using VoiceCarnival.Testing;

namespace VoiceCarnival.WebSockets.Tests;

public sealed class OutgoingFramesTests
{
    [Fact]
    public void ManyLinesThatKeepAndLetGoTogetherAllocateNothing()
    {
        var lines = Enumerable.Range(0, 50).Select(_ => new OutgoingFrames(WebSocketRole.Server) { IsKeeping = true }).ToArray();
        byte[] message = new byte[960];

        Assert.Equal(0, Allocations.Least(() => KeepAndLetGo(lines, message)));
        Array.ForEach(lines, line => line.Dispose());
    }

    /// <summary>However much is in use at once, the pool hands out again what one line lets go of.</summary>
    [Fact]
    public void LinesThatKeepMoreThanThePoolMayHoldUnused_AllocateNothingAsTheyTakeTurns()
    {
        var lines = Enumerable.Range(0, 400).Select(_ => new OutgoingFrames(WebSocketRole.Server) { IsKeeping = true }).ToArray();
        byte[] message = new byte[960];

        Assert.Equal(0, Allocations.Least(() =>
        {
            foreach (var line in lines)
            {
                line.Release(line.Added);
                for (int i = 0; i < 17; i++)
                    line.Add(Opcode.Binary, new BytesPayload(message));
                WriteAll(line);
            }
        }));
        Array.ForEach(lines, line => line.Dispose());
    }

    [Fact]
    public void WhatIsKeptIsWhatWasAddedSinceTheLastPlaceLetGo()
    {
        using var frames = new OutgoingFrames(WebSocketRole.Server) { IsKeeping = true };
        frames.Add(Opcode.Binary, new BytesPayload(Enumerable.Repeat((byte)1, 5000).ToArray()));
        long first = frames.Added;
        frames.Add(Opcode.Binary, new BytesPayload([2, 2, 2]));
        WriteAll(frames);
        frames.Add(Opcode.Binary, new BytesPayload([3]));

        frames.Release(first);

        Assert.Equal([0x82, 3, 2, 2, 2, 0x82, 1, 3], frames.CopyHeld());
    }

    private static void KeepAndLetGo(OutgoingFrames[] lines, byte[] message)
    {
        // As much as a proof leaves standing: a third of a second of audio.
        foreach (var line in lines)
        {
            for (int i = 0; i < 17; i++)
            {
                line.Add(Opcode.Binary, new BytesPayload(message));
                WriteAll(line);
            }
        }

        foreach (var line in lines)
            line.Release(line.Added);
    }

    private static void WriteAll(OutgoingFrames frames)
    {
        while (frames.TryTake(out _))
            frames.Wrote();
    }
}

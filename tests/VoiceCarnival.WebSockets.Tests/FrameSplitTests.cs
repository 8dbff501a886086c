using FsCheck.Xunit;
using VoiceCarnival.Fuzz;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>TCP knows no frames: however a peer's bytes are cut into pieces, they say the same.</summary>
public sealed class FrameSplitTests
{
    [Property(MaxTest = 300)]
    public bool AnySplit_GivesTheSameMessages_AndTheSameFault(int seed, bool isServer, int[] pieces)
    {
        var role = isServer ? WebSocketRole.Server : WebSocketRole.Client;
        byte[] bytes = Conversation(new Random(seed), role);
        var whole = FrameReading.Of(bytes, role, int.MaxValue);
        return whole == FrameReading.Of(bytes, role, 1) && whole == FrameReading.Of(bytes, role, [.. pieces, 3]);
    }

    [Fact]
    public void RandomConversations_HaveMessagesAndFaultsOfEveryKind()
    {
        var readings = Enumerable.Range(0, 500).Select(seed => FrameReading.Of(Conversation(new Random(seed), WebSocketRole.Client), WebSocketRole.Client, int.MaxValue)).ToList();
        Assert.Equal([Opcode.Text, Opcode.Binary, Opcode.Close, Opcode.Ping, Opcode.Pong], readings.SelectMany(r => r.Messages).Select(m => m.Opcode).Distinct().Order());
        Assert.Equal([0, 1002, 1007, 1009], readings.Select(r => r.Fault?.Code ?? 0).Distinct().Order());
        Assert.Contains(readings, reading => reading.Messages.Count > 10);
    }

    // Mostly what a peer may send: whole and fragmented messages with control frames between; now and then a byte is wrong.
    private static byte[] Conversation(Random random, WebSocketRole reader)
    {
        var bytes = new List<byte>();
        for (int messages = random.Next(1, 20); messages > 0; messages--)
        {
            var opcode = random.Next(2) == 0 ? Opcode.Text : Opcode.Binary;
            for (int fragments = random.Next(3); fragments > 0; fragments--)
            {
                AddFrame(bytes, random, reader, opcode, isFinal: false, random.Next(60));
                opcode = Opcode.Continuation;
                if (random.Next(3) == 0)
                    AddFrame(bytes, random, reader, random.Next(2) == 0 ? Opcode.Ping : Opcode.Pong, isFinal: true, random.Next(126));
            }

            AddFrame(bytes, random, reader, opcode, isFinal: true, random.Next(20) == 0 ? random.Next(5000) : random.Next(200));
        }

        AddFrame(bytes, random, reader, Opcode.Close, isFinal: true, 0);
        if (random.Next(3) == 0)
            bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
        return [.. bytes];
    }

    private static void AddFrame(List<byte> bytes, Random random, WebSocketRole reader, Opcode opcode, bool isFinal, int length)
    {
        var frame = new byte[FrameHeader.Longest + length];
        uint? key = reader == WebSocketRole.Server ? (uint)random.Next() : null;
        int header = FrameHeader.Write(frame, opcode, length, key);
        if (!isFinal)
            frame[0] &= 0x7F;
        var payload = frame.AsSpan(header, length);
        payload.Fill((byte)random.Next('a', 'z'));
        if (key is { } mask)
            FrameMask.Apply(mask, payload, payload);
        bytes.AddRange(frame.AsSpan(0, header + length));
    }
}

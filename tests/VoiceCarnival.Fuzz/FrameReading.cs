using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Fuzz;

/// <summary>What a WebSocket's bytes say: the messages, and the fault that ended them.</summary>
internal sealed record FrameReading(IReadOnlyList<(Opcode Opcode, string Payload)> Messages, WebSocketFault? Fault)
{
    /// <summary>Largest message taken; small, so that the bound is met.</summary>
    public const int LargestMessage = 4096;

    /// <summary>Reads bytes that arrive in pieces of the given sizes, taken in turn.</summary>
    public static FrameReading Of(ReadOnlySpan<byte> bytes, WebSocketRole role, params ReadOnlySpan<int> pieces)
    {
        using var frames = new IncomingFrames(role, LargestMessage);
        var messages = new List<(Opcode, string)>();
        for (int turn = 0; bytes.Length > 0; turn++)
        {
            var room = frames.GetRoom();
            if (room.Length == 0)
                throw new InvalidOperationException("There is no room for a byte.");
            int piece = Math.Min(Math.Min(room.Length, bytes.Length), Math.Max(1, pieces[turn % pieces.Length]));
            bytes[..piece].CopyTo(room.Span);
            frames.Advance(piece);
            bytes = bytes[piece..];
            while (frames.TryRead(out var message))
            {
                _ = message.Closure;
                messages.Add((message.Opcode, Convert.ToHexString(message.Payload.Span)));
            }

            if (frames.Fault is not null)
                break;
        }

        return new FrameReading(messages, frames.Fault);
    }

    public bool Equals(FrameReading? other) => other is not null && Fault == other.Fault && Messages.SequenceEqual(other.Messages);

    public override int GetHashCode() => Messages.Count;
}

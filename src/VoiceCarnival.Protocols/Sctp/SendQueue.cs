using System.Buffers;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Messages that wait to be sent, and how they are cut into chunks (RFC 9260, section 6.9).</summary>
/// <remarks>Without I-DATA the pieces of two messages must not mix, so messages leave in the order they came in.</remarks>
internal sealed class SendQueue(SctpOptions options)
{
    private const int MaxMessages = 16 * 1024;
    private readonly Queue<Message> _messages = new();
    private readonly StreamSequences _sequences = new();
    private int _offset;

    /// <summary>There is nothing to be sent.</summary>
    public bool IsEmpty => _messages.Count == 0;

    /// <summary>No more messages fit, however short.</summary>
    public bool IsFull => _messages.Count == MaxMessages;

    /// <summary>Bytes of the next piece.</summary>
    public int NextLength => _messages.TryPeek(out var message) ? Math.Min(options.MaxDataLength, message.Length - _offset) : 0;

    /// <summary>Lines up a copy of a message.</summary>
    public void Add(ushort stream, uint payloadProtocol, ReadOnlySpan<byte> payload, bool ordered)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(buffer);
        _messages.Enqueue(new Message(stream, payloadProtocol, buffer, payload.Length, ordered));
    }

    /// <summary>Whether something of a stream has not been sent at all yet.</summary>
    public bool Holds(ushort stream)
    {
        foreach (var message in _messages)
        {
            if (message.Stream == stream)
                return true;
        }

        return false;
    }

    /// <summary>Sequence numbers of a stream begin anew.</summary>
    public void ResetStream(ushort stream) => _sequences[stream] = 0;

    /// <summary>Takes the next piece, which there must be.</summary>
    /// <param name="chunk">What it is put into; its last piece has a message's buffer to give back.</param>
    public void Take(OutboundChunk chunk)
    {
        var message = _messages.Peek();
        int length = NextLength;
        bool last = _offset + length == message.Length;
        chunk.Stream = message.Stream;
        chunk.Sequence = message.IsOrdered ? _sequences[message.Stream] : (ushort)0;
        chunk.PayloadProtocol = message.PayloadProtocol;
        chunk.Flags = (byte)((_offset == 0 ? OutboundChunk.BeginFlag : 0) | (last ? OutboundChunk.EndFlag : 0) | (message.IsOrdered ? 0 : OutboundChunk.UnorderedFlag));
        chunk.SetData(message.Buffer, _offset, length);
        _offset += length;
        if (!last)
            return;
        _messages.Dequeue();
        _offset = 0;
        if (message.IsOrdered)
            _sequences[message.Stream]++;
    }

    private readonly record struct Message(ushort Stream, uint PayloadProtocol, byte[] Buffer, int Length, bool IsOrdered);
}

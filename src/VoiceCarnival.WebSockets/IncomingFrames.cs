using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace VoiceCarnival.WebSockets;

/// <summary>One message from the peer. Its bytes are valid until the next is read.</summary>
internal readonly record struct IncomingMessage(Opcode Opcode, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Code and reason of a close frame.</summary>
    public WebSocketClosure Closure => Payload.Length < 2
        ? new WebSocketClosure(WebSocketClosure.NoCode, "")
        : new WebSocketClosure(BinaryPrimitives.ReadUInt16BigEndian(Payload.Span), Encoding.UTF8.GetString(Payload.Span[2..]));
}

/// <summary>
/// Bytes in, messages out (RFC 6455, sections 5 and 8.1). A message that came in one frame is unmasked where it lies; fragments are put together
/// in a buffer of their own. Grows with what has really arrived, never with what a header promises. Not thread-safe.
/// </summary>
internal sealed class IncomingFrames(WebSocketRole role, int largestMessage) : IDisposable
{
    private const int Smallest = 4096;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private byte[] _fragments = [];
    private int _fragmentsLength;
    private Opcode? _fragmented;

    /// <summary>What the peer did wrong; nothing more is read after it.</summary>
    public WebSocketFault? Fault { get; private set; }

    /// <summary>Gives the memory back until the next bytes are here.</summary>
    /// <returns>False when a message is half here.</returns>
    public bool TryRelease()
    {
        if (_start != _end || _fragmented is not null)
            return false;
        Dispose();
        return true;
    }

    /// <summary>Room for the next read; at least one byte.</summary>
    public Memory<byte> GetRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length != Smallest)
                Replace(Smallest);
            if (_fragmented is null)
                Return(ref _fragments);
        }
        else if (_end == _buffer.Length)
        {
            // A message that does not fit: move it to the front, or double.
            if (_start > _buffer.Length / 2)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            else
            {
                Replace(_buffer.Length * 2);
            }
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So many bytes were read into the room.</summary>
    public void Advance(int bytes) => _end += bytes;

    /// <summary>The next message, a control frame included; false when more bytes are needed or there is a <see cref="Fault"/>.</summary>
    public bool TryRead(out IncomingMessage message)
    {
        message = default;
        while (Fault is null)
        {
            if (FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), role, out var fault) is not { } header)
            {
                Fault = fault;
                return false;
            }

            if (header.PayloadLength > largestMessage - (header.Opcode < Opcode.Close ? _fragmentsLength : 0))
            {
                Fault = WebSocketFault.TooBig(largestMessage);
                return false;
            }

            if (_end - _start < header.Length + header.PayloadLength)
                return false;
            var payload = _buffer.AsMemory(_start + header.Length, (int)header.PayloadLength);
            _start += header.Length + payload.Length;
            if (header.IsMasked)
                FrameMask.Apply(header.MaskKey, payload.Span, payload.Span);
            if (TryAssemble(header, payload, out message))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return(ref _buffer);
        Return(ref _fragments);
        _start = _end = 0;
    }

    private bool TryAssemble(FrameHeader header, ReadOnlyMemory<byte> payload, out IncomingMessage message)
    {
        message = new IncomingMessage(header.Opcode, payload);
        if (header.Opcode >= Opcode.Close)
        {
            if (header.Opcode == Opcode.Close)
                Fault = CheckClose(payload.Span);
            return Fault is null;
        }

        if (header.Opcode == Opcode.Continuation == _fragmented is null)
        {
            Fault = WebSocketFault.Protocol(_fragmented is null ? "a continuation has nothing to go on with" : "a message began within another");
            return false;
        }

        if (!header.IsFinal || _fragmented is not null)
        {
            _fragmented ??= header.Opcode;
            Append(payload.Span);
            if (!header.IsFinal)
                return false;
            message = new IncomingMessage(_fragmented.Value, _fragments.AsMemory(0, _fragmentsLength));
            _fragmented = null;
            _fragmentsLength = 0;
        }

        if (message.Opcode == Opcode.Text && !Utf8.IsValid(message.Payload.Span))
            Fault = WebSocketFault.NotText;
        return Fault is null;
    }

    private static WebSocketFault? CheckClose(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 0)
            return null;
        if (payload.Length == 1 || !WebSocketClosure.IsSendable(BinaryPrimitives.ReadUInt16BigEndian(payload)))
            return WebSocketFault.Protocol("a close frame has no valid code");
        return Utf8.IsValid(payload[2..]) ? null : WebSocketFault.NotText;
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        if (_fragments.Length - _fragmentsLength < payload.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Smallest, Math.Max(_fragmentsLength + payload.Length, _fragmentsLength * 2)));
            _fragments.AsSpan(0, _fragmentsLength).CopyTo(larger);
            Return(ref _fragments);
            _fragments = larger;
        }

        payload.CopyTo(_fragments.AsSpan(_fragmentsLength));
        _fragmentsLength += payload.Length;
    }

    private void Replace(int size)
    {
        var other = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, _end - _start).CopyTo(other);
        Return(ref _buffer);
        _buffer = other;
        (_start, _end) = (0, _end - _start);
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }
}

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// Cuts messages from a stream by Content-Length (RFC 3261, section 18.3), which every message on a stream must have. Holds no more than one message and what
/// came with it.
/// </summary>
public sealed class SipStreamReader
{
    private byte[] _buffer = new byte[2048];
    private int _start;
    private int _end;
    private int _searched;
    private int _headLength;
    private int _messageLength;
    private bool _isBroken;

    /// <summary>Part of a message has come, and the rest is waited for.</summary>
    public bool HasPartial => _end > _start;

    /// <summary>Where to put what comes next; tell how much it was by <see cref="Advance"/>.</summary>
    public Memory<byte> GetRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length && !_isBroken)
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, SipLimits.MaxHead + SipLimits.MaxMessage));
        return _buffer.AsMemory(_end);
    }

    /// <summary>So many bytes were put into the room.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Takes bytes. For those that have them already; they may be more than is held at once, so read after each call.</summary>
    /// <returns>How many were taken.</returns>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        var room = GetRoom().Span;
        int count = Math.Min(room.Length, bytes.Length);
        bytes[..count].CopyTo(room);
        _end += count;
        return count;
    }

    /// <summary>Takes the next message off.</summary>
    /// <param name="message">Its bytes, the caller's to keep; when broken, the bytes that make no message, for an answer.</param>
    public SipStreamStatus TryRead(out byte[] message)
    {
        message = [];
        if (_isBroken)
            return SipStreamStatus.Broken;
        if (_messageLength == 0)
        {
            var status = FindHead();
            if (status == SipStreamStatus.Broken)
                message = _buffer[_start..Math.Min(_end, _start + SipLimits.MaxMessage)];
            if (status != SipStreamStatus.Message)
                return status;
        }

        if (_end - _start < _messageLength)
            return SipStreamStatus.NeedsMore;
        message = _buffer[_start..(_start + _messageLength)];
        Skip(_messageLength);
        _messageLength = 0;
        return SipStreamStatus.Message;
    }

    private SipStreamStatus FindHead()
    {
        var bytes = _buffer.AsSpan(_start, _end - _start);
        if (bytes.StartsWith("\r\n\r\n"u8))
        {
            Skip(4);
            return SipStreamStatus.Ping;
        }

        if (bytes.StartsWith("\r\n"u8) && bytes.Length > 2 && bytes[2] != '\r')
        {
            Skip(2);
            bytes = bytes[2..];
        }

        if (bytes.Length <= 3 && "\r\n\r"u8.StartsWith(bytes))
            return SipStreamStatus.NeedsMore;
        // What cannot become a start line is not waited for.
        if (!IsText(bytes[0]))
            return Break();
        int from = Math.Max(0, _searched - 3);
        int end = bytes[from..].IndexOf("\r\n\r\n"u8);
        _searched = bytes.Length;
        if (end < 0)
            return bytes.Length > SipLimits.MaxHead ? Break() : SipStreamStatus.NeedsMore;
        _headLength = from + end + 4;
        int length = _headLength > SipLimits.MaxHead ? -2 : SipReader.ContentLengthOfHead(bytes[.._headLength]);
        if (length < 0 || _headLength + length > SipLimits.MaxMessage)
            return Break();
        _messageLength = _headLength + length;
        return SipStreamStatus.Message;
    }

    private SipStreamStatus Break()
    {
        _isBroken = true;
        return SipStreamStatus.Broken;
    }

    private static bool IsText(byte value) => value is > 0x20 and < 0x7F;

    private void Skip(int count)
    {
        _start += count;
        _searched = 0;
    }
}

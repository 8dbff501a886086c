using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>
/// Writes an RTP packet into a buffer, in the order of the wire: contributing sources, extension elements, payload, padding. For audio without any of
/// the former, <see cref="RtpHeader.Write"/> and a copy are enough.
/// </summary>
public ref struct RtpPacketWriter
{
    private const int NoExtension = -1;
    private readonly Span<byte> _buffer;
    private int _extensionStart;
    private bool _hasPayload;

    /// <summary>Begins a packet.</summary>
    /// <exception cref="ArgumentException">The buffer does not hold a header.</exception>
    public RtpPacketWriter(Span<byte> buffer, in RtpHeader header)
    {
        header.Write(buffer);
        _buffer = buffer;
        _extensionStart = NoExtension;
        Length = RtpHeader.FixedLength;
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a contributing source.</summary>
    /// <returns>False when there are 15 or the buffer is full.</returns>
    /// <exception cref="InvalidOperationException">Extension or payload have been written.</exception>
    public bool TryAddCsrc(Ssrc source)
    {
        if (_extensionStart != NoExtension || _hasPayload)
            throw new InvalidOperationException("Contributing sources stand before extension and payload.");
        if ((_buffer[0] & 0x0F) == RtpHeader.MaxCsrcs || _buffer.Length - Length < 4)
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[Length..], source.Value);
        Length += 4;
        _buffer[0]++;
        return true;
    }

    /// <summary>Adds an extension element. All elements of a packet have the same form.</summary>
    /// <returns>False when the buffer is full or the form cannot carry the id or the length.</returns>
    /// <exception cref="InvalidOperationException">The payload has been written.</exception>
    public bool TryAddExtension(RtpExtensionForm form, int id, scoped ReadOnlySpan<byte> value)
    {
        if (_hasPayload)
            throw new InvalidOperationException("The extension stands before the payload.");
        bool oneByte = form == RtpExtensionForm.OneByte;
        bool fits = oneByte ? id is >= 1 and <= 14 && value.Length is >= 1 and <= 16 : id is >= 1 and <= 255 && value.Length <= 255;
        int head = oneByte ? 1 : 2;
        int start = _extensionStart == NoExtension ? Length : _extensionStart;
        int at = _extensionStart == NoExtension ? Length + 4 : Length;
        // Elements need no alignment of their own; the whole is padded to a word, for which room is kept.
        int end = start + 4 + Aligned(at - start - 4 + head + value.Length);
        if (!fits || end > _buffer.Length || end - start - 4 > 4 * ushort.MaxValue)
            return false;
        if (_extensionStart == NoExtension)
        {
            _buffer[0] |= RtpHeader.ExtensionBit;
            _extensionStart = Length;
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], oneByte ? RtpExtensions.OneByteProfile : RtpExtensions.TwoByteProfile);
        }

        _buffer[at] = oneByte ? (byte)((id << 4) | (value.Length - 1)) : (byte)id;
        if (!oneByte)
            _buffer[at + 1] = (byte)value.Length;
        value.CopyTo(_buffer[(at + head)..]);
        Length = at + head + value.Length;
        _buffer[Length..end].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(start + 2)..], (ushort)((end - start - 4) / 4));
        return true;
    }

    /// <summary>Writes the payload; with it the packet is whole.</summary>
    /// <param name="payload">What it carries.</param>
    /// <param name="padding">Bytes of padding to put behind it, 0 to 255.</param>
    /// <returns>False when the buffer is full.</returns>
    /// <exception cref="InvalidOperationException">There is a payload.</exception>
    public bool TryWritePayload(scoped ReadOnlySpan<byte> payload, int padding = 0)
    {
        if (_hasPayload)
            throw new InvalidOperationException("A packet has one payload.");
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding, 255);
        int at = _extensionStart == NoExtension ? Length : _extensionStart + 4 + Aligned(Length - _extensionStart - 4);
        if (_buffer.Length - at < payload.Length + padding)
            return false;
        payload.CopyTo(_buffer[at..]);
        Length = at + payload.Length + padding;
        if (padding > 0)
        {
            _buffer[0] |= RtpHeader.PaddingBit;
            _buffer[(Length - padding)..(Length - 1)].Clear();
            _buffer[Length - 1] = (byte)padding;
        }

        _hasPayload = true;
        return true;
    }

    private static int Aligned(int length) => (length + 3) & ~3;
}

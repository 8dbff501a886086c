using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>A received RTP packet (RFC 3550, section 5.1). A view: it is valid as long as the bytes it was read from stay as they are.</summary>
public readonly ref struct RtpPacket
{
    private readonly ReadOnlySpan<byte> _bytes;

    private RtpPacket(ReadOnlySpan<byte> bytes, RtpHeader header, int padding)
    {
        _bytes = bytes;
        Header = header;
        PaddingLength = padding;
    }

    /// <summary>Its header.</summary>
    public RtpHeader Header { get; }

    /// <summary>Bytes of padding at the end, the count itself included.</summary>
    public int PaddingLength { get; }

    /// <summary>What it carries, without padding.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[Header.Length..^PaddingLength];

    /// <summary>What its extension says; empty when there is none.</summary>
    public RtpExtensions Extensions => Header.ExtensionOffset == 0
        ? default
        : new RtpExtensions(
            BinaryPrimitives.ReadUInt16BigEndian(_bytes[(Header.ExtensionOffset - 4)..]), _bytes.Slice(Header.ExtensionOffset, Header.ExtensionLength));

    /// <summary>One of the <see cref="RtpHeader.CsrcCount"/> sources that a mixer put together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many.</exception>
    public Ssrc Csrc(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Header.CsrcCount);
        return new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(_bytes[(RtpHeader.FixedLength + 4 * index)..]));
    }

    /// <summary>Reads a packet that is not encrypted, or no longer.</summary>
    public static RtpError TryRead(ReadOnlySpan<byte> bytes, out RtpPacket packet)
    {
        packet = default;
        var error = RtpHeader.TryRead(bytes, out var header);
        if (error != RtpError.None)
            return error;
        int padding = 0;
        if (header.HasPadding)
        {
            // The last byte counts the padding, itself included; so 0 says nothing and is an error.
            padding = bytes.Length > header.Length ? bytes[^1] : 0;
            if (padding == 0 || padding > bytes.Length - header.Length)
                return RtpError.InvalidPadding;
        }

        packet = new RtpPacket(bytes, header, padding);
        return RtpError.None;
    }
}

using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>A key press or line signal within RTP (RFC 4733, section 2.3). The packet's timestamp, the start of the event, is not part of it.</summary>
/// <param name="Code">Which event: 0 to 9, 10 for *, 11 for #, 12 to 15 for A to D, 16 for flash.</param>
/// <param name="IsEnd">The event is over. Senders repeat this packet, so that one loss does no harm.</param>
/// <param name="Volume">Power of the tone below 0 dBm0, in dB, 0 to 63.</param>
/// <param name="Duration">How long it has lasted, in units of the payload's clock.</param>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |     event     |E|R| volume    |          duration             |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
public readonly record struct TelephoneEvent(byte Code, bool IsEnd, byte Volume, ushort Duration)
{
    /// <summary>Bytes of the payload.</summary>
    public const int Length = 4;

    private const string Digits = "0123456789*#ABCD";
    private const byte EndBit = 0x80;
    private const byte VolumeBits = 0x3F;

    /// <summary>The key, or null when it is another signal.</summary>
    public char? Digit => Code < Digits.Length ? Digits[Code] : null;

    /// <summary>The code of a key: 0-9, *, #, A-D in either case; null when there is none.</summary>
    public static byte? CodeOf(char digit)
    {
        int code = Digits.IndexOf(char.ToUpperInvariant(digit), StringComparison.Ordinal);
        return code < 0 ? null : (byte)code;
    }

    /// <summary>Reads a payload. More than one event may follow one another (section 2.5.1.2); the first is read, which is how they are sent in practice.</summary>
    /// <returns>False when there are fewer than four bytes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out TelephoneEvent telephoneEvent)
    {
        telephoneEvent = default;
        if (payload.Length < Length)
            return false;
        telephoneEvent = new TelephoneEvent(
            payload[0], (payload[1] & EndBit) != 0, (byte)(payload[1] & VolumeBits), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }

    /// <summary>Writes the payload, <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], Duration);
        to[0] = Code;
        to[1] = (byte)((IsEnd ? EndBit : 0) | (Volume & VolumeBits));
    }
}

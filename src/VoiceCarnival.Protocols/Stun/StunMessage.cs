using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Stun;

/// <summary>A received STUN message (RFC 8489, section 5). A view of the bytes it was read from.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |0 0|  type: method, class      |  length without this header   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                   magic cookie 0x2112A442                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                   transaction id, 96 bits                     |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   attribute type              |  length   | value, to a word  |
/// </code>
/// Attributes behind MESSAGE-INTEGRITY, other than FINGERPRINT, are not authenticated and are not shown (section 14.5).
/// </remarks>
public readonly ref struct StunMessage
{
    /// <summary>The longest message read. ICE checks have some 100 bytes; nothing legitimate is longer than a datagram.</summary>
    public const int MaxLength = 1500;

    internal const int HeaderLength = 20;
    internal const int AttributeHead = 4;
    internal const uint MagicCookie = 0x2112A442;
    internal const uint FingerprintMask = 0x5354554E;
    internal const int IntegrityLength = 20;
    internal const int IntegritySha256Length = 32;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _shown;
    private readonly int _integrityAt;

    private StunMessage(ReadOnlySpan<byte> bytes, int shown, int integrityAt, bool hasFingerprint)
    {
        _bytes = bytes;
        _shown = shown;
        _integrityAt = integrityAt;
        HasFingerprint = hasFingerprint;
    }

    /// <summary>What it is in its exchange.</summary>
    public StunClass Class => (StunClass)((_bytes[0] & 1) << 1 | (_bytes[1] >> 4) & 1);

    /// <summary>What it asks for.</summary>
    public StunMethod Method => (StunMethod)((_bytes[0] & 0x3E) << 6 | (_bytes[1] & 0xE0) >> 1 | (_bytes[1] & 0x0F));

    /// <summary>Ties an answer to its request.</summary>
    public StunTransactionId TransactionId => StunTransactionId.Read(_bytes[8..]);

    /// <summary>It ended in a fingerprint, which was right.</summary>
    public bool HasFingerprint { get; }

    /// <summary>It has an attribute MESSAGE-INTEGRITY of the right length.</summary>
    public bool HasIntegrity => _integrityAt > 0;

    /// <summary>Reads a message that fills a datagram or frame. Its fingerprint is checked when it has one; its integrity is not.</summary>
    public static StunError TryRead(ReadOnlySpan<byte> bytes, out StunMessage message)
    {
        message = default;
        if (bytes.Length is < HeaderLength or > MaxLength)
            return StunError.WrongLength;
        if ((bytes[0] & 0xC0) != 0 || BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) != MagicCookie)
            return StunError.NotStun;
        if (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) != bytes.Length - HeaderLength || bytes.Length % 4 != 0)
            return StunError.BrokenAttributes;

        int at = HeaderLength, shown = bytes.Length, integrityAt = 0;
        while (at < bytes.Length)
        {
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            int next = at + AttributeHead + ((length + 3) & ~3);
            if (next > bytes.Length)
                return StunError.BrokenAttributes;
            if (type == StunAttributeType.Fingerprint)
            {
                if (next != bytes.Length || length != 4)
                    return StunError.BrokenAttributes;
                if ((Crc32.Of(bytes[..at]) ^ FingerprintMask) != BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + AttributeHead)..]))
                    return StunError.WrongFingerprint;
                message = new StunMessage(bytes, Math.Min(shown, at), integrityAt, hasFingerprint: true);
                return StunError.None;
            }

            if (type == StunAttributeType.MessageIntegrity && integrityAt == 0)
            {
                if (length != IntegrityLength)
                    return StunError.BrokenAttributes;
                integrityAt = at;
                shown = at;
            }

            at = next;
        }

        message = new StunMessage(bytes, shown, integrityAt, hasFingerprint: false);
        return StunError.None;
    }

    /// <summary>The value of the first attribute of a type.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryGet(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        for (int at = HeaderLength; at < _shown;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]);
            if ((StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]) == type)
            {
                value = _bytes.Slice(at + AttributeHead, length);
                return true;
            }

            at += AttributeHead + ((length + 3) & ~3);
        }

        value = default;
        return false;
    }

    /// <summary>An attribute of four bytes; null when there is none of that length.</summary>
    public uint? GetUInt32(StunAttributeType type) => TryGet(type, out var value) && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : null;

    /// <summary>An attribute of eight bytes; null when there is none of that length.</summary>
    public ulong? GetUInt64(StunAttributeType type) => TryGet(type, out var value) && value.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(value) : null;

    /// <summary>The address in XOR-MAPPED-ADDRESS; null when there is none.</summary>
    public IPEndPoint? GetXorMappedAddress() =>
        TryGet(StunAttributeType.XorMappedAddress, out var value) ? StunAddress.ReadXor(value, TransactionId) : null;

    /// <summary>The number in ERROR-CODE, 300 to 699; null when there is none.</summary>
    public int? GetErrorCode()
    {
        if (!TryGet(StunAttributeType.ErrorCode, out var value) || value.Length < 4)
            return null;
        int code = (value[2] & 7) * 100 + value[3];
        return value[3] < 100 && code is >= 300 and < 700 ? code : null;
    }

    /// <summary>
    /// Collects attributes that must be understood and are not known here (section 6.3.1: a request with one is answered with 420).
    /// </summary>
    /// <param name="types">Where to; what does not fit is left out.</param>
    /// <returns>How many.</returns>
    public int CopyUnknownRequired(Span<StunAttributeType> types)
    {
        int count = 0;
        for (int at = HeaderLength; at < _shown && count < types.Length;)
        {
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]);
            if ((ushort)type < 0x8000 && !Enum.IsDefined(type))
                types[count++] = type;
            at += AttributeHead + ((BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]) + 3) & ~3);
        }

        return count;
    }

    /// <summary>
    /// Checks MESSAGE-INTEGRITY in constant time (section 14.5): HMAC-SHA1 of all before it, with the header's length as if it were the last attribute.
    /// </summary>
    /// <param name="key">With short-term credentials the password's bytes.</param>
    /// <returns>False when it does not fit or is not there.</returns>
    public bool HasValidIntegrity(ReadOnlySpan<byte> key)
    {
        if (!HasIntegrity)
            return false;
        Span<byte> copy = stackalloc byte[_integrityAt];
        _bytes[.._integrityAt].CopyTo(copy);
        BinaryPrimitives.WriteUInt16BigEndian(copy[2..], (ushort)(_integrityAt - HeaderLength + AttributeHead + IntegrityLength));
        Span<byte> hash = stackalloc byte[IntegrityLength];
#pragma warning disable CA5350 // What ICE prescribes; HMAC does not lean on what is broken in SHA-1.
        HMACSHA1.HashData(key, copy, hash);
#pragma warning restore CA5350
        return CryptographicOperations.FixedTimeEquals(hash, _bytes.Slice(_integrityAt + AttributeHead, IntegrityLength));
    }
}

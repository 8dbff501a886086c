using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Protocols.Stun;

/// <summary>
/// Writes a STUN message into a buffer, MESSAGE-INTEGRITY and FINGERPRINT last. What we write is short, so a buffer that is too small is a mistake in our own
/// code and throws; <see cref="StunMessage.MaxLength"/> bytes hold every message.
/// </summary>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;

    /// <summary>Begins a message.</summary>
    public StunWriter(Span<byte> buffer, StunClass messageClass, StunMethod method, StunTransactionId id)
    {
        _buffer = buffer;
        int m = (int)method, c = (int)messageClass;
        // Section 5: the class's two bits stand between the method's.
        int type = (m & 0xF80) << 2 | (m & 0x70) << 1 | (m & 0x0F) | (c & 2) << 7 | (c & 1) << 4;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        id.Write(buffer[8..]);
        Id = id;
        SetLength(StunMessage.HeaderLength);
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    private StunTransactionId Id { get; }

    /// <summary>Adds an attribute.</summary>
    public void Add(StunAttributeType type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Begin(type, value.Length));

    /// <summary>Adds an attribute of ASCII or UTF-8 text.</summary>
    public void Add(StunAttributeType type, string text) => Encoding.UTF8.GetBytes(text, Begin(type, Encoding.UTF8.GetByteCount(text)));

    /// <summary>Adds an attribute of four bytes.</summary>
    public void Add(StunAttributeType type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Begin(type, 4), value);

    /// <summary>Adds an attribute of eight bytes.</summary>
    public void Add(StunAttributeType type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Begin(type, 8), value);

    /// <summary>Adds XOR-MAPPED-ADDRESS.</summary>
    public void AddXorMappedAddress(IPEndPoint endPoint)
    {
        Span<byte> value = stackalloc byte[StunAddress.MaxLength];
        Add(StunAttributeType.XorMappedAddress, value[..StunAddress.WriteXor(value, endPoint, Id)]);
    }

    /// <summary>Adds ERROR-CODE (section 14.8).</summary>
    public void AddErrorCode(int code, string reason)
    {
        var value = Begin(StunAttributeType.ErrorCode, 4 + Encoding.UTF8.GetByteCount(reason));
        value[..2].Clear();
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        Encoding.UTF8.GetBytes(reason, value[4..]);
    }

    /// <summary>Adds UNKNOWN-ATTRIBUTES (section 14.9).</summary>
    public void AddUnknownAttributes(scoped ReadOnlySpan<StunAttributeType> types)
    {
        var value = Begin(StunAttributeType.UnknownAttributes, 2 * types.Length);
        for (int i = 0; i < types.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(2 * i)..], (ushort)types[i]);
    }

    /// <summary>Signs what has been written (section 14.5). Only a fingerprint may follow.</summary>
    public void AddMessageIntegrity(scoped ReadOnlySpan<byte> key)
    {
        int at = Length;
        var value = Begin(StunAttributeType.MessageIntegrity, StunMessage.IntegrityLength);
#pragma warning disable CA5350 // What ICE prescribes; HMAC does not lean on what is broken in SHA-1.
        HMACSHA1.HashData(key, _buffer[..at], value);
#pragma warning restore CA5350
    }

    /// <summary>Adds the fingerprint (section 14.7). Nothing may follow.</summary>
    public void AddFingerprint()
    {
        int at = Length;
        var value = Begin(StunAttributeType.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, Crc32.Of(_buffer[..at]) ^ StunMessage.FingerprintMask);
    }

    private Span<byte> Begin(StunAttributeType type, int length)
    {
        int at = Length;
        int padded = (length + 3) & ~3;
        var room = _buffer.Slice(at, StunMessage.AttributeHead + padded);
        BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(room[2..], (ushort)length);
        room[(StunMessage.AttributeHead + length)..].Clear();
        SetLength(at + room.Length);
        return room.Slice(StunMessage.AttributeHead, length);
    }

    private void SetLength(int length)
    {
        Length = length;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(length - StunMessage.HeaderLength));
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// All that an answer to INIT would otherwise have to remember, signed and sent to the peer, which brings it back (RFC 9260, section 5.1.3). So INITs cost no
/// memory, however many come.
/// </summary>
internal readonly record struct StateCookie(
    uint LocalTag, uint LocalTsn, uint PeerTag, uint PeerTsn, uint PeerWindow, uint LocalTieTag, uint PeerTieTag, bool PeerResetsStreams, TimeSpan MadeAt)
{
    public const int Length = ContentLength + SHA256.HashSizeInBytes;
    private const int ContentLength = 7 * 4 + 1 + 8;

    public void Write(Span<byte> to, SctpSecrets secrets)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, LocalTag);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], LocalTsn);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], PeerTag);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], PeerTsn);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], PeerWindow);
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], LocalTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(to[24..], PeerTieTag);
        to[28] = PeerResetsStreams ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(to[29..], MadeAt.Ticks);
        secrets.Sign(to[..ContentLength], to.Slice(ContentLength, SHA256.HashSizeInBytes));
    }

    /// <summary>Reads a cookie of ours.</summary>
    /// <returns>False when it is not ours, or has been changed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, SctpSecrets secrets, out StateCookie cookie)
    {
        cookie = default;
        if (bytes.Length != Length)
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        secrets.Sign(bytes[..ContentLength], hash);
        if (!CryptographicOperations.FixedTimeEquals(hash, bytes[ContentLength..]))
            return false;
        cookie = new StateCookie(
            BinaryPrimitives.ReadUInt32BigEndian(bytes),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
            bytes[28] != 0,
            new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(bytes[29..])));
        return true;
    }
}

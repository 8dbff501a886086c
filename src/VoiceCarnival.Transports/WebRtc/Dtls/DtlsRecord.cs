using System.Buffers.Binary;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>One record of a datagram (RFC 6347, section 4.1), as whoever sent it says that it is.</summary>
internal readonly ref struct DtlsRecord
{
    public const byte ChangeCipherSpec = 20;
    public const byte Handshake = 22;
    public const byte Data = 23;
    private const int HeaderLength = 13;

    /// <summary>The kind of what is in it.</summary>
    public byte Type { get; private init; }

    /// <summary>Whether it is encrypted: all are from the first change of keys on.</summary>
    public bool IsEncrypted { get; private init; }

    /// <summary>Bytes of its body by its header.</summary>
    public int Length { get; private init; }

    /// <summary>Its body, as far as it is there.</summary>
    public ReadOnlySpan<byte> Body { get; private init; }

    /// <summary>Takes the next record off a datagram.</summary>
    /// <returns>False when there is none.</returns>
    public static bool TryTake(ref ReadOnlySpan<byte> datagram, out DtlsRecord record)
    {
        record = default;
        if (datagram.Length < HeaderLength)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[11..]);
        var rest = datagram[HeaderLength..];
        record = new DtlsRecord
        {
            Type = datagram[0],
            IsEncrypted = BinaryPrimitives.ReadUInt16BigEndian(datagram[3..]) != 0,
            Length = length,
            Body = rest[..Math.Min(length, rest.Length)],
        };
        datagram = rest[record.Body.Length..];
        return true;
    }
}

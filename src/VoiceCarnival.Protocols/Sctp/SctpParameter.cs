using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>A parameter of INIT, RE-CONFIG and others: type, length with this head, value, padding (RFC 9260, section 3.2.1).</summary>
internal readonly ref struct SctpParameter
{
    public const int HeaderLength = 4;
    public const ushort Cookie = 7;
    public const ushort SupportedExtensions = 0x8008;
    public const ushort OutgoingReset = 13;
    public const ushort IncomingReset = 14;
    public const ushort AssociationReset = 15;
    public const ushort ResetResponse = 16;
    public const ushort AddOutgoing = 17;
    public const ushort AddIncoming = 18;

    private SctpParameter(ushort type, ReadOnlySpan<byte> value)
    {
        Type = type;
        Value = value;
    }

    public ushort Type { get; }

    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Takes the next parameter off.</summary>
    /// <returns>False at the end, or where the length is wrong.</returns>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out SctpParameter parameter)
    {
        parameter = default;
        if (rest.Length < HeaderLength)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length < HeaderLength || length > rest.Length)
            return false;
        parameter = new SctpParameter(BinaryPrimitives.ReadUInt16BigEndian(rest), rest[HeaderLength..length]);
        rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        return true;
    }

    public static void WriteHeader(Span<byte> to, ushort type, int valueLength)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, type);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(HeaderLength + valueLength));
    }
}

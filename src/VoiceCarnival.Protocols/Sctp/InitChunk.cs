using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>What INIT and INIT ACK say (RFC 9260, sections 3.3.2 and 3.3.3).</summary>
internal readonly ref struct InitChunk
{
    public const int FixedLength = 16;

    public uint Tag { get; private init; }

    public uint Window { get; private init; }

    public ushort OutboundStreams { get; private init; }

    public ushort InboundStreams { get; private init; }

    public uint Tsn { get; private init; }

    /// <summary>The cookie of an INIT ACK; empty when there is none.</summary>
    public ReadOnlySpan<byte> Cookie { get; private init; }

    /// <summary>It can reset streams (RFC 6525).</summary>
    public bool ResetsStreams { get; private init; }

    /// <summary>Tag and streams must not be 0, and there has to be some room.</summary>
    public bool IsValid => Tag != 0 && OutboundStreams != 0 && InboundStreams != 0 && Window >= 1500;

    public static bool TryRead(ReadOnlySpan<byte> body, out InitChunk init)
    {
        init = default;
        if (body.Length < FixedLength)
            return false;
        ReadOnlySpan<byte> cookie = default;
        bool resets = false;
        var rest = body[FixedLength..];
        while (SctpParameter.TryTake(ref rest, out var parameter))
        {
            if (parameter.Type == SctpParameter.Cookie)
                cookie = parameter.Value;
            else if (parameter.Type == SctpParameter.SupportedExtensions)
                resets = parameter.Value.Contains((byte)SctpChunkType.ReConfig);
        }

        init = new InitChunk
        {
            Tag = BinaryPrimitives.ReadUInt32BigEndian(body),
            Window = BinaryPrimitives.ReadUInt32BigEndian(body[4..]),
            OutboundStreams = BinaryPrimitives.ReadUInt16BigEndian(body[8..]),
            InboundStreams = BinaryPrimitives.ReadUInt16BigEndian(body[10..]),
            Tsn = BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
            Cookie = cookie,
            ResetsStreams = resets,
        };
        return true;
    }

    /// <summary>Writes the body, with what we can: RE-CONFIG, and nothing else. No zero checksum, no I-DATA, no partial reliability.</summary>
    public static byte[] Build(uint tag, uint tsn, SctpOptions options, ReadOnlySpan<byte> cookie)
    {
        int cookieLength = cookie.Length == 0 ? 0 : SctpParameter.HeaderLength + ((cookie.Length + 3) & ~3);
        var body = new byte[FixedLength + cookieLength + SctpParameter.HeaderLength + 1];
        BinaryPrimitives.WriteUInt32BigEndian(body, tag);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(4), (uint)options.ReceiveBuffer);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(8), options.Streams);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(10), options.Streams);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(12), tsn);
        if (cookieLength > 0)
        {
            SctpParameter.WriteHeader(body.AsSpan(FixedLength), SctpParameter.Cookie, cookie.Length);
            cookie.CopyTo(body.AsSpan(FixedLength + SctpParameter.HeaderLength));
        }

        var extensions = body.AsSpan(FixedLength + cookieLength);
        SctpParameter.WriteHeader(extensions, SctpParameter.SupportedExtensions, 1);
        extensions[SctpParameter.HeaderLength] = (byte)SctpChunkType.ReConfig;
        return body;
    }
}

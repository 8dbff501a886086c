using System.Buffers.Binary;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// How much of a client's handshake has come (RFC 6347, section 4.2). From its ChangeCipherSpec on the library reads nothing that is not encrypted; one that overtakes a message, or comes
/// where a message was lost, would have it wait for that message for ever. So it is kept from the library until all before it is there; the client sends it again with the rest.
/// Not thread-safe.
/// </summary>
internal sealed class ClientFlight
{
    private const byte ClientHello = 1;
    private const byte CertificateVerify = 15;
    private const int MessageHeaderLength = 12;
    // ClientHello, Certificate, ClientKeyExchange, CertificateVerify; clients may have some of their own between them.
    private const int MostMessages = 16;
    private readonly bool[] _isWhole = new bool[MostMessages];
    private readonly int[] _covered = new int[MostMessages];
    private int _last = -1;
    private bool _isOfClient;

    private bool IsWhole => _last >= 0 && !_isWhole.AsSpan(0, _last + 1).Contains(false);

    /// <summary>What of a datagram may be read now: all of it, or what comes before a ChangeCipherSpec that is early.</summary>
    public ReadOnlySpan<byte> Admit(ReadOnlySpan<byte> datagram)
    {
        var rest = datagram;
        for (int at = 0; DtlsRecord.TryTake(ref rest, out var record); at = datagram.Length - rest.Length)
        {
            if (record is { Type: DtlsRecord.Handshake, IsEncrypted: false })
                Read(record.Body);
            else if (record is { Type: DtlsRecord.ChangeCipherSpec, IsEncrypted: false } && _isOfClient && !IsWhole)
                return datagram[..at];
        }

        return datagram;
    }

    private void Read(ReadOnlySpan<byte> fragments)
    {
        while (fragments.Length >= MessageHeaderLength)
        {
            int length = ReadUInt24(fragments[1..]);
            int number = BinaryPrimitives.ReadUInt16BigEndian(fragments[4..]);
            int from = ReadUInt24(fragments[6..]), count = ReadUInt24(fragments[9..]);
            if (number >= MostMessages || count > fragments.Length - MessageHeaderLength || from + count > length)
                return; // the library will say what it thinks of that
            _isOfClient |= fragments[0] == ClientHello;
            if (fragments[0] == CertificateVerify)
                _last = number;
            // A piece that came before its predecessor counts when it comes again.
            if (from <= _covered[number])
                _covered[number] = Math.Max(_covered[number], from + count);
            _isWhole[number] |= _covered[number] >= length;
            fragments = fragments[(MessageHeaderLength + count)..];
        }
    }

    private static int ReadUInt24(ReadOnlySpan<byte> bytes) => (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
}

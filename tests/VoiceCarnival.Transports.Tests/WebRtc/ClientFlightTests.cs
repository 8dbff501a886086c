using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Transports.Tests.WebRtc;

/// <summary>What of a client's handshake the library is shown, and when.</summary>
public sealed class ClientFlightTests
{
    private const byte ClientHello = 1, ServerHello = 2, Certificate = 11, CertificateVerify = 15, ClientKeyExchange = 16;
    private static readonly byte[] ChangeCipherSpec = [20, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1];
    private static readonly byte[] Finished = [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 0, 0, 40, .. new byte[40]];
    private readonly ClientFlight _flight = new();

    [Fact]
    public void WholeFlightInOneDatagram_IsReadAsItIs()
    {
        _flight.Admit(Message(ClientHello, 0, 100));
        byte[] datagram = [.. Message(Certificate, 1, 300), .. Message(ClientKeyExchange, 2, 60), .. Message(CertificateVerify, 3, 70), .. ChangeCipherSpec, .. Finished];

        Assert.Equal(datagram, _flight.Admit(datagram));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ChangeBehindALostMessage_WaitsForIt(int lost)
    {
        byte[][] messages = [Message(ClientHello, 0, 100), Message(Certificate, 1, 300), Message(ClientKeyExchange, 2, 60), Message(CertificateVerify, 3, 70)];
        foreach (byte[] message in messages.Where((_, number) => number != lost))
            Assert.Equal(message, _flight.Admit(message));

        byte[] rest = [.. ChangeCipherSpec, .. Finished];
        Assert.Equal(0, _flight.Admit(rest).Length);
        byte[] late = [.. messages[lost], .. rest];
        Assert.Equal(late, _flight.Admit(late));
    }

    [Fact]
    public void MessageInPieces_IsWholeWithItsLast_InWhateverOrderTheyCome()
    {
        _flight.Admit(Message(ClientHello, 0, 100));
        _flight.Admit(Message(ClientKeyExchange, 2, 60));
        _flight.Admit(Message(CertificateVerify, 3, 70));
        _flight.Admit(Message(Certificate, 1, 300, from: 200, count: 100));
        _flight.Admit(Message(Certificate, 1, 300, from: 0, count: 200));
        Assert.Equal(0, _flight.Admit(ChangeCipherSpec).Length);

        _flight.Admit(Message(Certificate, 1, 300, from: 200, count: 100));
        Assert.Equal(ChangeCipherSpec, _flight.Admit(ChangeCipherSpec));
    }

    [Fact]
    public void WhatAServerSays_IsNoneOfItsBusiness()
    {
        _flight.Admit(Message(ServerHello, 0, 90));
        Assert.Equal(ChangeCipherSpec, _flight.Admit(ChangeCipherSpec));
    }

    [Fact]
    public void WhatMakesNoSense_IsLeftToTheLibrary()
    {
        byte[] datagram = [.. Message(ClientHello, 0, 20), .. Message(Certificate, 40, 30), .. Message(CertificateVerify, 3, 10, from: 5, count: 10), .. ChangeCipherSpec];
        for (int length = 0; length <= datagram.Length; length++)
            Assert.True(new ClientFlight().Admit(datagram.AsSpan(0, length)).Length <= length);
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = [.. datagram];
            for (int j = 0; j < 4; j++)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            Assert.True(_flight.Admit(changed).Length <= changed.Length);
        }
    }

    // A record with one piece of a message (RFC 6347, sections 4.1 and 4.2.2).
    private static byte[] Message(byte type, byte number, ushort length, int from = 0, int? count = null)
    {
        int here = count ?? length;
        return
        [
            22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, number, (byte)((here + 12) >> 8), (byte)(here + 12),
            type, 0, (byte)(length >> 8), (byte)length, 0, number, 0, (byte)(from >> 8), (byte)from, 0, (byte)(here >> 8), (byte)here, .. new byte[here],
        ];
    }
}

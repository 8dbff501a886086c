using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

public sealed class SipStreamReaderTests
{
    private const string One = "OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\nContent-Length: 3\r\n\r\nabc";
    private const string Two = "\r\nBYE sip:a@b SIP/2.0\r\nl:\r\n  0\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void MessagesInPiecesOfAnySize_ComeOutWhole(int piece)
    {
        var (messages, pings, isBroken) = Read(Encoding.ASCII.GetBytes(One + Two + "\r\n\r\n" + One + One), piece);

        Assert.Equal([One, Two.TrimStart(), One, One], messages);
        Assert.Equal(1, pings);
        Assert.False(isBroken);
    }

    [Theory]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 1\r\nl: 1\r\n\r\nx")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\nx")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nX: \n Content-Length: 9\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("\u0016\u0003\u0001 a TLS handshake")]
    public void UnknownEnd_BreaksTheStream(string text)
    {
        var (messages, _, isBroken) = Read(Encoding.Latin1.GetBytes(text), 1);

        Assert.Empty(messages);
        Assert.True(isBroken);
    }

    [Fact]
    public void EndlessHead_IsGivenUp()
    {
        var (messages, _, isBroken) = Read([.. "OPTIONS sip:a@b SIP/2.0\r\nX: "u8, .. Enumerable.Repeat((byte)'x', 10_000_000)], 4096);

        Assert.Empty(messages);
        Assert.True(isBroken);
    }

    [Fact]
    public void LongestMessage_ComesOut()
    {
        string head = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 65000\r\n\r\n";
        var (messages, _, isBroken) = Read(Encoding.ASCII.GetBytes(head + new string('x', 65_000) + One), 1500);

        Assert.False(isBroken);
        Assert.Equal([head.Length + 65_000, One.Length], messages.Select(message => message.Length));
    }

    private static (List<string> Messages, int Pings, bool IsBroken) Read(byte[] bytes, int piece)
    {
        var reader = new SipStreamReader();
        var messages = new List<string>();
        int pings = 0;
        for (int at = 0; at < bytes.Length;)
        {
            int taken = reader.Append(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            Assert.True(taken > 0);
            at += taken;
            while (true)
            {
                var status = reader.TryRead(out var message);
                if (status == SipStreamStatus.Broken)
                    return (messages, pings, true);
                if (status == SipStreamStatus.NeedsMore)
                    break;
                if (status == SipStreamStatus.Ping)
                    pings++;
                else
                    messages.Add(Encoding.ASCII.GetString(message));
            }
        }

        return (messages, pings, false);
    }
}

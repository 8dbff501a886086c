using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class SipLadderTests
{
    [Theory]
    [InlineData(150, 0)]
    [InlineData(3000, 2800)]
    public void LongCall_ShowsItsBeginningAndItsEnd(int messages, int leftOut)
    {
        var trace = new SipTrace();
        trace.Follow("c");
        for (int i = 1; i <= messages; i++)
            trace.Add(Message(i), isIncoming: true, new SipTarget(SipTransport.Udp, "192.0.2.9", 5060), DateTimeOffset.UnixEpoch.AddSeconds(i));

        var ladder = trace.LadderOf(["c"]);
        string text = ladder.ToText();

        Assert.Contains(" OPTIONS (1) ", text);
        Assert.Contains($" OPTIONS ({messages}) ", text);
        Assert.Equal(leftOut > 0, text.Contains($"… {leftOut} left out …", StringComparison.Ordinal));
        Assert.Equal(leftOut > 0, ladder.ToSvg().Contains("left out", StringComparison.Ordinal));
        Assert.Equal(Math.Min(messages, leftOut > 0 ? 201 : messages), ladder.Steps.Count);
        System.Xml.Linq.XDocument.Parse(ladder.ToSvg());
    }

    private static byte[] Message(int number) => Encoding.ASCII.GetBytes(
        $"OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{number}\r\nFrom: <sip:x@192.0.2.9>;tag=1\r\nTo: <sip:a@192.0.2.1>\r\nCall-ID: c\r\nCSeq: {number} OPTIONS\r\nContent-Length: 0\r\n\r\n");
}

using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

public sealed class SipMessageTests
{
    private const string Options =
        "OPTIONS sip:agent@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;branch=z9hG4bKabc\r\nFrom: <sip:a@192.0.2.9>;tag=1\r\nTo: <sip:agent@192.0.2.1>\r\n"
        + "Call-ID: abc\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData("Max-Forwards: 70", "Subject: one\nX: two")] // bare LF
    [InlineData("Max-Forwards: 70", "Subject: one\rX: two")] // bare CR
    [InlineData("Max-Forwards: 70", "Subject: one\0two")]
    [InlineData("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 0")]
    [InlineData("Content-Length: 0", "Content-Length: 0\r\nl: 1")]
    [InlineData("Content-Length: 0", "Content-Length: +0")]
    [InlineData("Content-Length: 0", "Content-Length: 0x0")]
    [InlineData("Content-Length: 0", "Content-Length: 4294967296")]
    [InlineData("Content-Length: 0", "Content-Length:")]
    [InlineData("Content-Length: 0", "Content Length: 0")]
    [InlineData("Content-Length: 0", ": 0")]
    [InlineData("Content-Length: 0", "no colon here")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 256")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: many")]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: 4294967296 OPTIONS")]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: 1OPTIONS")]
    [InlineData("Call-ID: abc", "Call-ID: a b")]
    [InlineData("Call-ID: abc", "Call-ID:")]
    [InlineData("192.0.2.9:5070;", "192.0.2.9:70000;")]
    [InlineData("sip:agent@192.0.2.1 SIP", "sip:agent@[::1 SIP")]
    [InlineData("sip:agent@192.0.2.1 SIP", "agent SIP")]
    public void FramingAndFormFaults_AreBadRequests(string sound, string broken)
    {
        string text = Options.Replace(sound, broken, StringComparison.Ordinal);
        Assert.NotEqual(Options, text);

        Assert.False(SipMessage.TryRead(Encoding.UTF8.GetBytes(text), out var message, out var fault));

        Assert.Equal(400, fault.Status);
        Assert.NotNull(message);
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("hello")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("SIP/2.0 99 Odd\r\n\r\n")]
    [InlineData("SIP/2.0 700 Odd\r\n\r\n")]
    [InlineData("SIP/2.0 200\r\n\r\n")]
    public void WhatIsNotSip_IsDropped(string text)
    {
        Assert.False(SipMessage.TryRead(Encoding.UTF8.GetBytes(text), out _, out var fault));
        Assert.Equal(0, fault.Status);
    }

    [Fact]
    public void MoreThanTheLimits_IsRefused()
    {
        string many = Options.Replace("Max-Forwards: 70", string.Join("\r\n", Enumerable.Range(0, SipLimits.MaxHeaders).Select(i => $"X-{i}: y")), StringComparison.Ordinal);
        string longValue = Options.Replace("Max-Forwards: 70", "X: " + new string('y', SipLimits.MaxValue + 1), StringComparison.Ordinal);
        string longId = Options.Replace("Call-ID: abc", "Call-ID: " + new string('y', SipLimits.MaxId + 1), StringComparison.Ordinal);

        foreach (string text in (string[])[many, longValue, longId])
            Assert.False(SipMessage.TryRead(Encoding.UTF8.GetBytes(text), out _, out _));
    }

    [Fact]
    public void CompactNamesInAnyCase_AreKnown()
    {
        string text = Options.Replace("Via:", "V:", StringComparison.Ordinal).Replace("From:", "f :", StringComparison.Ordinal).Replace("To:", "T\t:", StringComparison.Ordinal)
            .Replace("Call-ID:", "i:", StringComparison.Ordinal).Replace("Content-Length:", "L:", StringComparison.Ordinal).Replace("CSeq", "cSEQ", StringComparison.Ordinal);

        Assert.True(SipMessage.TryRead(Encoding.UTF8.GetBytes(text), out var message, out _));

        Assert.Equal("abc", message.CallId);
        Assert.Equal("1", message.FromTag);
        Assert.Equal("192.0.2.9:5070", message.TopVia.SentBy);
    }

    [Fact]
    public void Lists_AreCutOutsideQuotesAndBrackets()
    {
        string text = Options.Replace("Max-Forwards: 70", "Route: <sip:a,b@c>,\"b,c\" <sip:b>\r\nRoute: <sip:c>\r\nSupported:\r\nSupported: timer , 100rel", StringComparison.Ordinal);
        Assert.True(SipMessage.TryRead(Encoding.UTF8.GetBytes(text), out var message, out var fault), fault?.Reason);

        var routes = new List<string>();
        foreach (var value in message.Values(SipHeaderName.Route))
            routes.Add(Encoding.ASCII.GetString(value));
        Assert.Equal(["<sip:a,b@c>", "\"b,c\" <sip:b>", "<sip:c>"], routes);
        Assert.True(message.Lists(SipHeaderName.Supported, "100REL"u8));
        Assert.True(message.Lists(SipHeaderName.Supported, "timer"u8));
        Assert.False(message.Lists(SipHeaderName.Supported, "rel"u8));
    }

    [Fact]
    public void WhatIsWritten_IsReadAgain()
    {
        var writer = new SipWriter();
        var bytes = writer.Request(SipMethod.Invite, "sip:agent@[2001:db8::1]:5061;transport=tls")
            .Header(SipHeaderName.Via, "SIP/2.0/TLS [2001:db8::9];branch=z9hG4bKx;rport")
            .Header(SipHeaderName.From, "\"Ärger, \\\"Anna\\\"\" <sip:anna@example.com>;tag=t1")
            .Header(SipHeaderName.To, "tel:+49-30-1234;phone-context=example.com")
            .Header(SipHeaderName.CallId, "c1@host")
            .Header(SipHeaderName.CSeq, "7 INVITE")
            .Headers([new SipHeader("X-Order", "42"), new SipHeader("X-Evil", "1\r\nVia: x"), new SipHeader("Bad Name", "x")])
            .End("application/sdp", "v=0\r\n"u8);

        Assert.True(SipMessage.TryRead(bytes, out var message, out var fault), fault?.Reason);

        Assert.Equal("Ärger, \"Anna\"", message.From.NameText);
        Assert.Equal(SipUriScheme.Tel, message.To.Uri.Scheme);
        Assert.Equal("+49-30-1234", message.To.Uri.UserText);
        Assert.True(message.To.Parameters.Has("phone-context"u8));
        Assert.Equal("[2001:db8::9]:5061", message.TopVia.SentBy);
        Assert.Equal("v=0\r\n", Encoding.ASCII.GetString(message.Body.Span));
        Assert.Equal(8, message.HeaderCount);
        Assert.Equal(new SipHeader("X-Order", "42"), message.HeaderAt(5));
    }

    [Theory]
    [InlineData("a\r\nb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public void LineEndsInValues_AreRefusedByTheWriter(string value)
    {
        var writer = new SipWriter();
        writer.Response(200, "OK");
        Assert.Throws<ArgumentException>(() => writer.Header(SipHeaderName.Subject, value));
        Assert.Throws<ArgumentException>(() => writer.Request(SipMethod.Bye, "sip:" + value));
        Assert.Throws<ArgumentException>(() => writer.Request(SipMethod.Bye, "sip:a SIP/2.0"));
    }

    [Fact]
    public void KeptBytes_DoNotChangeWithTheBuffer()
    {
        var buffer = Encoding.ASCII.GetBytes(Options);
        Assert.True(SipMessage.TryRead(buffer, out var message, out _));

        message.KeepBytes();
        Array.Clear(buffer);

        Assert.Equal("1", message.FromTag);
        Assert.Equal("sip:agent@192.0.2.1", Encoding.ASCII.GetString(message.Target));
    }
}

using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>RFC 4475, as far as it is the reader's: sections 3.1 and 3.3 where they concern the form of a message.</summary>
public sealed class SipTortureTests
{
    [Fact]
    public void AllMessages_AreThere() => Assert.Equal(49, TortureMessages.Names.Count);

    [Theory]
    [InlineData("wsinv")]
    [InlineData("intmeth")]
    [InlineData("esc01")]
    [InlineData("escnull")]
    [InlineData("esc02")]
    [InlineData("lwsdisp")]
    [InlineData("longreq")]
    [InlineData("dblreq")]
    [InlineData("semiuri")]
    [InlineData("transports")]
    [InlineData("mpart01")]
    [InlineData("unreason")]
    [InlineData("noreason")]
    // Well-formed, but not to be served: that is for whom they are handed to.
    [InlineData("baddate")]
    [InlineData("badbranch")]
    [InlineData("unkscm")]
    [InlineData("novelsc")]
    [InlineData("unksm2")]
    [InlineData("bext01")]
    [InlineData("invut")]
    [InlineData("regaut01")]
    [InlineData("bcast")]
    [InlineData("zeromf")]
    [InlineData("cparam01")]
    [InlineData("cparam02")]
    [InlineData("regescrt")]
    [InlineData("sdp01")]
    [InlineData("inv2543")]
    public void WellFormedMessage_IsRead(string name)
    {
        Assert.True(SipMessage.TryRead(TortureMessages.Get(name), out var message, out var fault), fault?.Reason);
        Assert.StartsWith(name == "mpart01" ? "3d9485ad" : name, message.CallId);
    }

    [Theory]
    [InlineData("badinv01", 400)]
    [InlineData("clerr", 400)]
    [InlineData("ncl", 400)]
    [InlineData("scalar02", 400)]
    [InlineData("quotbal", 400)]
    [InlineData("ltgtruri", 400)]
    [InlineData("lwsruri", 400)]
    [InlineData("lwsstart", 400)]
    [InlineData("trws", 400)]
    [InlineData("escruri", 400)]
    [InlineData("regbadct", 400)]
    [InlineData("badaspec", 400)]
    [InlineData("baddn", 400)]
    [InlineData("badvers", 505)]
    [InlineData("mismatch01", 400)]
    [InlineData("mismatch02", 400)]
    [InlineData("insuf", 400)]
    [InlineData("multi01", 400)]
    [InlineData("mcl01", 400)]
    public void MalformedRequest_IsToBeAnswered(string name, int status)
    {
        Assert.False(SipMessage.TryRead(TortureMessages.Get(name), out var message, out var fault));
        Assert.Equal(status, fault.Status);
        Assert.NotNull(message);
        Assert.True(message.IsRequest);
    }

    [Theory]
    [InlineData("scalarlg")]
    [InlineData("bigcode")]
    public void MalformedResponse_IsNotRead(string name) => Assert.False(SipMessage.TryRead(TortureMessages.Get(name), out _, out _));

    [Fact]
    public void TortuousInvite_SaysWhatItShould()
    {
        var message = Read("wsinv");

        Assert.Equal(SipMethod.Invite, message.Method);
        Assert.Equal("vivekg", message.To.Uri.UserText);
        Assert.Equal("1918181833n", message.ToTag);
        Assert.Equal("J Rosenberg \\\"", message.From.NameText);
        Assert.Equal("98asjd8", message.FromTag);
        Assert.Equal(9u, message.CSeq.Number);
        Assert.Equal(68u, message.GetNumber(SipHeaderName.MaxForwards));
        Assert.Equal("", message.GetText(SipHeaderName.Subject));
        Assert.Equal("newfangled value continued newfangled value", Header(message, "NewFangledHeader"));
        Assert.Equal(";;,,;;,;", Header(message, "UnknownHeaderWithUnusualValue"));
        Assert.Equal(150, message.Body.Length);
        var vias = new List<string>();
        foreach (var value in message.Values(SipHeaderName.Via))
        {
            Assert.True(Via.TryParse(value, out var via));
            vias.Add($"{Encoding.ASCII.GetString(via.Transport)} {via.SentBy} {Encoding.ASCII.GetString(via.Branch)}");
        }

        Assert.Equal(["UDP 192.0.2.2:5060 390skdjuw", "TCP spindle.example.com:5060 z9hG4bK9ikj8", "UDP 192.168.255.111:5060 z9hG4bK30239"], vias);
        Assert.False(message.TopVia.HasMagicBranch);
        Assert.True(NameAddress.TryParse(message.Get(SipHeaderName.Contact), out var contact));
        Assert.Equal("Quoted string \"\"", contact.NameText);
        Assert.True(contact.Parameters.TryGet("q"u8, out var q));
        Assert.Equal("0.33", Encoding.ASCII.GetString(q));
        Assert.True(contact.Parameters.Has("secondparam"u8));
        Assert.True(NameAddress.TryParse(message.Get(SipHeaderName.Route), out var route));
        Assert.True(route.Uri.Parameters.Has("lr"u8));
    }

    [Fact]
    public void UnusualCharacters_AreKept()
    {
        var message = Read("intmeth");

        Assert.Equal(SipMethod.Other, message.Method);
        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", Encoding.ASCII.GetString(message.MethodName));
        Assert.True(SipUri.TryParse(message.Target, out var uri));
        Assert.Equal("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", uri.UserText);
        Assert.Equal("example.com", uri.HostText);
        Assert.Equal("BEL:\a NUL:\0 DEL:\x7F", message.To.NameText);
        Assert.Equal("token1~` token2'+_ token3*%!.-", message.From.NameText);
        Assert.Equal("_token~1'+`*%!-.", message.FromTag);
        Assert.Equal("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", message.CallId);
        Assert.Equal("﻿大停電", Header(message, "extensionHeader-!.%*+_`'~"));
    }

    [Fact]
    public void Escapes_AreResolvedInUrisOnly()
    {
        Assert.True(SipUri.TryParse(Read("esc01").Target, out var uri));
        Assert.Equal("sips:user@example.com", uri.UserText);
        Assert.Equal("example.net", uri.HostText);
        Assert.Equal("user", Read("esc01").To.Uri.UserText);
        Assert.Equal("null-\0-null", Read("escnull").To.Uri.UserText);
        var escaped = Read("esc02");
        Assert.Equal(SipMethod.Other, escaped.Method);
        Assert.Equal("%Z%45", escaped.To.NameText);
        Assert.Equal(2, CountOf(escaped, SipHeaderName.Contact));
    }

    [Fact]
    public void SecondRequestInADatagram_IsIgnored()
    {
        var message = Read("dblreq");

        Assert.Equal(SipMethod.Register, message.Method);
        Assert.Equal(0, message.Body.Length);
    }

    [Fact]
    public void SemicolonInUser_BelongsToTheUser()
    {
        Assert.True(SipUri.TryParse(Read("semiuri").Target, out var uri));
        Assert.Equal("user;par=u@example.net", uri.UserText);
        Assert.True(uri.Parameters.IsEmpty);
    }

    [Fact]
    public void ParameterBehindABareUri_BelongsToTheHeader()
    {
        Assert.True(NameAddress.TryParse(Read("cparam01").Get(SipHeaderName.Contact), out var bare));
        Assert.True(bare.Parameters.Has("unknownparam"u8));
        Assert.True(NameAddress.TryParse(Read("cparam02").Get(SipHeaderName.Contact), out var bracketed));
        Assert.True(bracketed.Uri.Parameters.Has("unknownparam"u8));
        Assert.True(bracketed.Parameters.IsEmpty);
    }

    [Fact]
    public void ReasonPhrases_AreReadAsTheyAre()
    {
        Assert.Equal("= 2**3 * 5**2 но сто девяносто девять - простое", Read("unreason").Reason);
        Assert.Equal("", Read("noreason").Reason);
    }

    [Fact]
    public void EveryTruncatedLength_IsRefusedOrReadWhole()
    {
        foreach (string name in TortureMessages.Names)
        {
            var whole = TortureMessages.Get(name);
            for (int length = 0; length < whole.Length; length++)
            {
                if (!SipMessage.TryRead(whole.AsMemory(0, length), out var message, out _))
                    continue;
                // What follows a body is none of the message's; and where no length is said, a datagram's end is the body's end.
                Assert.True(message.Body.Length == 0 || !message.Has(SipHeaderName.ContentLength) || length >= whole.Length - 2 || name is "dblreq" or "multi01" or "mcl01" or "esc01", $"{name} {length}");
            }
        }
    }

    private static SipMessage Read(string name)
    {
        Assert.True(SipMessage.TryRead(TortureMessages.Get(name), out var message, out var fault), fault?.Reason);
        return message;
    }

    private static string? Header(SipMessage message, string name) =>
        Enumerable.Range(0, message.HeaderCount).Select(message.HeaderAt).FirstOrDefault(header => header.Name == name)?.Value;

    private static int CountOf(SipMessage message, SipHeaderName name)
    {
        int count = 0;
        foreach (var _ in message.Values(name))
            count++;
        return count;
    }
}

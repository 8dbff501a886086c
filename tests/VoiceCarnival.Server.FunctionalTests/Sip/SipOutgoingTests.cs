using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Calls of ours: where they may go, by which way, and what is told of them.</summary>
public sealed class SipOutgoingTests
{
    [Fact]
    public async Task Progress_IsToldToSidebands_FromTheFirstRingToTheEnd()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("Destinations:0", "desk@127.0.0.1"));
        string id = await PlaceAsync(phones, new { to = desk.Uri });
        var invite = await desk.RequestAsync(SipMethod.Invite);
        await using var sideband = await phones.ListenAsync();
        sideband.CheckSchema = false; // OpenAI has no such event

        await ExpectAsync("dialing", 0);
        await desk.AnswerAsync(invite, 180);
        await ExpectAsync("ringing", 180);
        await desk.AnswerAsync(invite, 183, desk.Sdp);
        await ExpectAsync("ringing", 183);
        await ExpectAsync("early_media", 183);
        await desk.ReceiveAudioAsync();
        await desk.AnswerAsync(invite, 200, desk.Sdp);
        await ExpectAsync("answered", 200);
        await desk.RequestAsync(SipMethod.Ack);
        await desk.HangUpAsync(invite);
        await ExpectAsync("ended", 200);

        async Task ExpectAsync(string state, int status)
        {
            var told = (await sideband.WaitForAsync("voicecarnival.call.progress")).Json;
            Assert.Equal((id, state, status), (told.GetProperty("call_id").GetString(), told.GetProperty("state").GetString(), told.GetProperty("status").GetInt32()));
        }
    }

    [Fact]
    public async Task TrunkThatIsFull_GivesWayToItsNextHost_AndThenToTheNextTrunk()
    {
        using var full = new SipDesk();
        using var alsoFull = new SipDesk();
        using var open = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null,
            ("Destinations:0", "+49*"), ("Trunks:0:Name", "one"), ("Trunks:0:Hosts:0", $"127.0.0.1:{full.Port}"), ("Trunks:0:Hosts:1", $"127.0.0.1:{alsoFull.Port}"),
            ("Trunks:1:Name", "two"), ("Trunks:1:Hosts:0", $"127.0.0.1:{open.Port}"), ("Trunks:1:User", "us"));
        await PlaceAsync(phones, new { to = "+4930123", headers = new Dictionary<string, string> { ["X-Order"] = "17" } });

        await full.AnswerAsync(await full.RequestAsync(SipMethod.Invite), 503);
        await alsoFull.AnswerAsync(await alsoFull.RequestAsync(SipMethod.Invite), 500);
        var invite = await open.PickUpAsync();

        Assert.Equal("17", Enumerable.Range(0, invite.HeaderCount).Select(invite.HeaderAt).First(header => header.Name == "X-Order").Value);
        Assert.StartsWith("<sip:us@127.0.0.1", invite.GetText(SipHeaderName.From));
        Assert.Equal("answered", (await phones.UntilAsync("answered")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task TrunkThatSaysNothing_GivesWayToTheNext_AndIsHungUpOnWhenItAnswersLate()
    {
        using var silent = new SipDesk();
        using var open = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null,
            ("Destinations:0", "+49*"), ("Trunks:0:Name", "one"), ("Trunks:0:Hosts:0", $"127.0.0.1:{silent.Port}"), ("Trunks:0:Hosts:1", $"127.0.0.1:{open.Port}"));
        await PlaceAsync(phones, new { to = "+4930123" });

        var late = await silent.RequestAsync(SipMethod.Invite);
        await open.PickUpAsync();
        await silent.AnswerAsync(late, 200, silent.Sdp);
        await silent.RequestAsync(SipMethod.Ack);
        await silent.RequestAsync(SipMethod.Bye);

        Assert.Equal("answered", (await phones.UntilAsync("answered")).GetProperty("state").GetString());
        await open.ReceiveAudioAsync();

        // The next call does not wait for it.
        await PlaceAsync(phones, new { to = "+4930124" });
        await open.PickUpAsync();
    }

    [Fact]
    public async Task TrunkThatRefusesTheCallee_IsTheLastWord()
    {
        using var first = new SipDesk();
        using var second = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null,
            ("Destinations:0", "+49*"), ("Trunks:0:Name", "one"), ("Trunks:0:Hosts:0", $"127.0.0.1:{first.Port}"), ("Trunks:0:Hosts:1", $"127.0.0.1:{second.Port}"));
        await PlaceAsync(phones, new { to = "+4930123" });

        await first.AnswerAsync(await first.RequestAsync(SipMethod.Invite), 486);

        Assert.Equal(486, (await phones.UntilAsync("ended")).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task CalleeWhoIsNoPeer_IsHeardAllTheSame_UntilHeHangsUp()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("Peers:0", "127.0.0.2"), ("Destinations:0", "desk@127.0.0.1"));
        await PlaceAsync(phones, new { to = desk.Uri });

        var invite = await desk.PickUpAsync();
        await phones.UntilAsync("answered");
        await desk.ReceiveAudioAsync();
        await desk.HangUpAsync(invite);

        await phones.UntilAsync("ended", 200);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.2", true)]
    public async Task CalleeWhoIsNoPeer_IsNotTrusted(string address, bool isTrusted)
    {
        await using var phones = await PhoneGateway.OpenAsync(null, ("Peers:0", "127.0.0.2"));

        Assert.Equal(isTrusted, phones.Gateway.Services.GetRequiredService<SipServer>().PathTo(SipTransport.Udp, new IPEndPoint(IPAddress.Parse(address), 5060), address).IsTrusted);
    }

    [Fact]
    public async Task CallThatCannotBeMade_LeavesItsPortsToTheNext()
    {
        using var desk = new SipDesk();
        int port = FreePair();
        await using var phones = await PhoneGateway.OpenAsync(null, ("Destinations:0", "desk@127.0.0.1"), ("FirstMediaPort", $"{port}"), ("LastMediaPort", $"{port + 1}"));
        var refused = await phones.Gateway.Client.PostAsJsonAsync("/api/sip/calls", new { to = desk.Uri, from = "sip:us@here?X-A=1" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        await PlaceAsync(phones, new { to = desk.Uri });

        await desk.PickUpAsync();
    }

    [Fact]
    public async Task WayThatWasGivenUp_SendsNobodyElsewhereAnyMore()
    {
        using var silent = new SipDesk();
        using var open = new SipDesk();
        using var other = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null,
            ("Destinations:0", "+49*"), ("Destinations:1", "other*@127.0.0.1"), ("FollowsRedirections", "true"),
            ("Trunks:0:Name", "one"), ("Trunks:0:Hosts:0", $"127.0.0.1:{silent.Port}"), ("Trunks:0:Hosts:1", $"127.0.0.1:{open.Port}"));
        await PlaceAsync(phones, new { to = "+4930123" });
        var late = await silent.RequestAsync(SipMethod.Invite);
        var invite = await open.RequestAsync(SipMethod.Invite);
        await open.AnswerAsync(invite, 180);
        await phones.UntilAsync("ringing", 180);

        await silent.AnswerAsync(late, 302, headers: $"Contact: <sip:other@127.0.0.1:{other.Port}>\r\n");
        await silent.RequestAsync(SipMethod.Ack);
        await open.AnswerAsync(invite, 200, open.Sdp);
        await open.RequestAsync(SipMethod.Ack);

        await phones.UntilAsync("answered");
        await open.ReceiveAudioAsync();
        await open.HangUpAsync(invite);
        await phones.UntilAsync("ended", 200);
        Assert.False(other.WasCalled);
    }

    [Theory]
    [InlineData("true", "other*@127.0.0.1", true)]
    [InlineData("true", "nobody@127.0.0.1", false)] // not one of those whom we may call
    [InlineData("false", "other*@127.0.0.1", false)]
    public async Task CalleeWhoIsElsewhere_IsCalledThere_WhereThatIsWished(string follows, string destination, bool isCalled)
    {
        using var desk = new SipDesk();
        using var other = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("Destinations:0", "desk@127.0.0.1"), ("Destinations:1", destination), ("FollowsRedirections", follows));
        await PlaceAsync(phones, new { to = desk.Uri, headers = new Dictionary<string, string> { ["X-Order"] = "17" } });

        var invite = await desk.RequestAsync(SipMethod.Invite);
        await desk.AnswerAsync(invite, 302, headers: $"Contact: <sip:other@127.0.0.1:{other.Port}>\r\n");

        if (!isCalled)
        {
            Assert.Equal(302, (await phones.UntilAsync("ended")).GetProperty("status").GetInt32());
            return;
        }

        var next = await other.PickUpAsync();
        Assert.Equal("17", Enumerable.Range(0, next.HeaderCount).Select(next.HeaderAt).First(header => header.Name == "X-Order").Value);
        await phones.UntilAsync("answered");
        await other.ReceiveAudioAsync();
        await other.HangUpAsync(next);
        await phones.UntilAsync("ended", 200);
    }

    [Fact]
    public async Task CalleesWhoSendUsRoundInCircles_AreGivenUp()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("Destinations:0", "desk@127.0.0.1"), ("FollowsRedirections", "true"));
        await PlaceAsync(phones, new { to = desk.Uri });

        for (int i = 0; i < 4; i++)
            await desk.AnswerAsync(await desk.RequestAsync(SipMethod.Invite), 302, headers: $"Contact: <{desk.Uri}>\r\n");

        Assert.Equal(302, (await phones.UntilAsync("ended")).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task TrunkThatAsksForThePassword_GetsTheProof()
    {
        using var trunk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null,
            ("Destinations:0", "+49*"), ("Trunks:0:Name", "one"), ("Trunks:0:Hosts:0", $"127.0.0.1:{trunk.Port}"), ("Trunks:0:User", "us"), ("Trunks:0:Password", "secret"));
        await PlaceAsync(phones, new { to = "+4930123", from = "+4940" });

        await trunk.AnswerAsync(await trunk.RequestAsync(SipMethod.Invite), 407, headers: "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n");
        var invite = await trunk.PickUpAsync();

        Assert.Contains("username=\"us\"", invite.GetText(SipHeaderName.ProxyAuthorization));
        Assert.Contains("algorithm=SHA-256", invite.GetText(SipHeaderName.ProxyAuthorization));
        Assert.StartsWith("<sip:+4940@127.0.0.1", invite.GetText(SipHeaderName.From));
    }

    [Fact]
    public async Task NameWithoutAPort_IsLookedUpAsAService_AndItsHostsAreTriedInOrder()
    {
        using var first = new SipDesk();
        using var second = new SipDesk();
        using var names = new NameServer("_sip._udp.pbx.example", (20, second.Port), (10, first.Port));
        await using var phones = await PhoneGateway.OpenAsync(null,
            ("Destinations:0", "+49*"), ("NameServers:0", names.Address), ("Trunks:0:Name", "one"), ("Trunks:0:Hosts:0", "pbx.example"), ("Trunks:0:User", "us"));
        await PlaceAsync(phones, new { to = "+4930123" });

        var invite = await first.RequestAsync(SipMethod.Invite);
        await first.AnswerAsync(invite, 503);
        await second.PickUpAsync();

        Assert.Equal("sip:+4930123@pbx.example", System.Text.Encoding.ASCII.GetString(invite.Target));
        Assert.Contains("_sip._udp.pbx.example", names.Asked);
    }

    [Theory]
    [InlineData("""{"to":"+1900555"}""", 403, "destination_not_allowed")]
    [InlineData("""{"to":"sip:+4930@elsewhere.example"}""", 403, "destination_not_allowed")]
    [InlineData("""{"to":"+4930","agent":"nobody"}""", 404, "agent_not_found")]
    [InlineData("""{"to":"+4930","headers":{"Via":"x"}}""", 400, "invalid_value")]
    [InlineData("""{"to":"+4930","headers":{"X-A":"a\r\nVia: x"}}""", 400, "invalid_value")]
    [InlineData("""{"to":"+4930"}""", 502, "no_route")]
    [InlineData("""{}""", 400, "missing_required_parameter")]
    public async Task CallThatMayNotBe_IsRefused_WithTheReason(string body, int status, string code)
    {
        await using var phones = await PhoneGateway.OpenAsync(null, ("Destinations:0", "+49*"));

        var answer = await phones.Gateway.Client.PostAsync("/api/sip/calls", new StringContent(body, null, "application/json"));

        var error = await Gateway.ErrorOf(answer, (HttpStatusCode)status);
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Empty((await Gateway.JsonOf(await phones.Gateway.Client.GetAsync("/api/sip/calls"))).GetProperty("calls").EnumerateArray());
    }

    [Fact]
    public async Task ServerWithoutDestinations_CallsNobody()
    {
        await using var phones = await PhoneGateway.OpenAsync();

        var error = await Gateway.ErrorOf(await phones.Gateway.Client.PostAsJsonAsync("/api/sip/calls", new { to = "+4930" }), HttpStatusCode.Forbidden);

        Assert.Equal("calls_not_allowed", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task GoodbyeThatIsLost_IsRepeated_BeforeTheServerStops()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("Destinations:0", "desk@127.0.0.1"));
        await PlaceAsync(phones, new { to = desk.Uri });
        await desk.PickUpAsync();
        await phones.UntilAsync("answered");

        var stopping = phones.DisposeAsync().AsTask();
        var bye = await desk.RequestAsync(SipMethod.Bye);

        Assert.StartsWith("BYE ", System.Text.Encoding.ASCII.GetString(await desk.ReceiveAsync()), StringComparison.Ordinal);
        await desk.AnswerAsync(bye, 200);
        await stopping;
    }

    // An even port and the next that nobody has.
    private static int FreePair()
    {
        while (true)
        {
            using var one = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            int port = ((IPEndPoint)one.Client.LocalEndPoint!).Port;
            if (port % 2 != 0)
                continue;
            try
            {
                using var next = new UdpClient(new IPEndPoint(IPAddress.Loopback, port + 1));
                return port;
            }
            catch (SocketException)
            {
                // Another try.
            }
        }
    }

    private static async Task<string> PlaceAsync(PhoneGateway phones, object body)
    {
        var answer = await phones.Gateway.Client.PostAsJsonAsync("/api/sip/calls", body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
    }
}

using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>What an agent knows of its phone call, and what it may do with it.</summary>
public sealed class SipAgentTests
{
    private static readonly (string, string)[] Desk =
    [
        ("Agents:0:Name", "desk"), ("Agents:0:Users:0", "+4930*"), ("Agents:0:Instructions", "Be brief."), ("Agents:0:Voice", "cedar"),
        ("Agents:0:MayHangUp", "true"), ("Agents:0:MaySendDigits", "true"), ("Agents:0:Transfers:0", "+49*"),
    ];

    [Fact]
    public async Task Numbers_ChooseTheAgent_AndOthersAreNotFound()
    {
        await using var phones = await PhoneGateway.OpenAsync(null, Desk);
        using var stranger = new SipPhone(phones.Port, "nobody");
        Assert.Equal(404, (await stranger.CallAsync()).Status);

        using var phone = new SipPhone(phones.Port, "+493012");
        Assert.Equal(200, (await phone.CallAsync()).Status);
        await using var sideband = await phones.ListenAsync();
        var session = (await sideband.ExpectAsync("session.created")).Find("session");
        Assert.Equal("Be brief.", session.GetProperty("instructions").GetString());
        Assert.Equal("cedar", session.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        Assert.Equal("audio/pcmu", session.GetProperty("audio").GetProperty("input").GetProperty("format").GetProperty("type").GetString());
        Assert.Equal(["hang_up", "transfer_call", "send_digits"], session.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallersData_IsTheAgentsToKnow_FromTrustedPeersOnly(bool isTrusted)
    {
        (string, string)[] who = isTrusted ? [("Peers:0", "127.0.0.1")] : [("Accounts:0:User", "ann"), ("Accounts:0:Password", "secret")];
        await using var phones = await PhoneGateway.OpenAsync(null, who);
        using var phone = new SipPhone(phones.Port) { MoreHeaders = "P-Asserted-Identity: <sip:+49309@carrier.example>\r\nX-Order: 17\r\n" };
        var answer = await phone.CallAsync();
        if (!isTrusted)
        {
            phone.MoreHeaders += SipDigest.Authorize(answer, "ann", "secret", $"sip:agent@127.0.0.1:{phones.Port}");
            phone.Restart();
            answer = await phone.CallAsync();
        }

        Assert.Equal(200, answer.Status);
        await using var sideband = await phones.ListenAsync();
        string? facts = await ItemBeforeMineAsync(sideband);
        Assert.Equal(isTrusted, facts is not null);
        if (facts is null)
            return;
        Assert.Contains("49309@carrier.example", facts);
        Assert.Contains("X-Order", facts);
    }

    [Fact]
    public async Task CallersData_ComesBeforeWhatAnApplicationSays_HoweverEarly()
    {
        await using var phones = await PhoneGateway.OpenAsync(null, ("Peers:0", "127.0.0.1"));
        using var phone = new SipPhone(phones.Port) { MoreHeaders = "X-Order: 17\r\n" };
        // Its offer comes with the ACK only: until then there is a session without a line.
        await phone.SendAsync("INVITE", 1);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);

        await using var sideband = await phones.ListenAsync();
        Assert.Contains("X-Order", await ItemBeforeMineAsync(sideband));
    }

    // The text of the item that stands in front of one that is added now.
    private static async Task<string?> ItemBeforeMineAsync(RealtimeTestClient sideband)
    {
        await sideband.SendAsync(new { type = "conversation.item.create", item = new { id = "item_mine", type = "message", role = "user", content = new[] { new { type = "input_text", text = "x" } } } });
        var added = await sideband.WaitForAsync("conversation.item.added");
        while (added.Find("item.id").GetString() != "item_mine")
            added = await sideband.WaitForAsync("conversation.item.added");
        if (added.Text("previous_item_id") is not { } before)
            return null;
        await sideband.SendAsync(new { type = "conversation.item.retrieve", item_id = before });
        return (await sideband.WaitForAsync("conversation.item.retrieved")).Json.ToString();
    }

    [Fact]
    public async Task AgentThatHangsUp_EndsTheCall()
    {
        await using var phones = await PhoneGateway.OpenAsync("""{"reply":[{"say":"Goodbye.","ms":300},{"call":"hang_up"}]}""", Desk);
        using var phone = new SipPhone(phones.Port, "+493012");
        await phone.CallAsync();

        await phone.RequestAsync(SipMethod.Bye);
    }

    [Theory]
    [InlineData("+49301", "<sip:+49301@127.0.0.1>")]
    [InlineData("+1900", null)]
    [InlineData("sip:+49301@elsewhere.example", null)]
    public async Task AgentThatTransfers_AsksThePeer_WhereItMay(string to, string? referTo)
    {
        await using var phones = await PhoneGateway.OpenAsync($$$"""{"reply":[{"call":"transfer_call","arguments":{"to":"{{{to}}}"}}]},{"reply":[{"call":"hang_up"}]}""", Desk);
        using var phone = new SipPhone(phones.Port, "+493012");
        await phone.CallAsync();

        if (referTo is null)
        {
            // It is told so, and goes on.
            await phone.RequestAsync(SipMethod.Bye);
            return;
        }

        Assert.Equal(referTo, (await phone.RequestAsync(SipMethod.Refer)).GetText(SipHeaderName.ReferTo));
    }

    [Fact]
    public async Task AgentThatTransfersAtOnce_IsQuickerThanTheAcknowledgement_AndIsHeardAllTheSame()
    {
        await using var phones = await PhoneGateway.OpenAsync("""{"reply":[{"call":"transfer_call","arguments":{"to":"+49301"}}]}""", Desk);
        using var phone = new SipPhone(phones.Port, "+493012");
        await phone.SendAsync("INVITE", 1, phone.Sdp());
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
        await phones.UntilAsync("transferring");

        await phone.SendAsync("ACK", 1);
        Assert.Equal("<sip:+49301@127.0.0.1>", (await phone.RequestAsync(SipMethod.Refer)).GetText(SipHeaderName.ReferTo));
    }

    [Fact]
    public async Task AgentThatPressesKeys_SendsThemAsEvents()
    {
        await using var phones = await PhoneGateway.OpenAsync("""{"reply":[{"call":"send_digits","arguments":{"digits":"5#"}}]},{"reply":[{"text":"Done."}]}""", Desk);
        using var phone = new SipPhone(phones.Port, "+493012");
        await phone.CallAsync(phone.Sdp("0 101", "a=rtpmap:101 telephone-event/8000\r\n"));

        var keys = new List<byte>();
        while (keys.Count < 2)
        {
            byte[] packet = await phone.ReceiveAudioAsync();
            if ((packet[1] & 0x7F) == 101 && (packet[1] & 0x80) != 0)
                keys.Add(packet[12]);
        }

        Assert.Equal([5, 11], keys);
    }

    [Fact]
    public async Task Keys_ByRtpAndByInfo_AreToldOnceEach()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync(phone.Sdp("0 101", "a=rtpmap:101 telephone-event/8000\r\n"));
        await using var sideband = await phones.ListenAsync();
        await phone.ReceiveAudioAsync();

        // At once, as phones that do both: what comes a second later is another press.
        phone.SendAudio([0x80, 0xE5, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 7, 10, 0, 160]);
        await phone.SendAsync("INFO", 2, "Signal=7\r\nDuration=160\r\n", "application/dtmf-relay");
        await phone.ReceiveAsync();
        Assert.Equal("7", (await sideband.WaitForAsync("input_audio_buffer.dtmf_event_received")).Text("event"));
        await phone.SendAsync("INFO", 3, "Signal=9\r\nDuration=160\r\n", "application/dtmf-relay");
        await phone.ReceiveAsync();

        Assert.Equal("9", (await sideband.WaitForAsync("input_audio_buffer.dtmf_event_received")).Text("event"));
    }
}

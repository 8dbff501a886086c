using System.Net.Http.Json;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Applications that speak to the session of a call before anybody has answered it: whatever they ask for is done, and what is to be heard is heard once somebody is there.</summary>
public sealed class SipEarlySidebandTests
{
    private const int SpeechMilliseconds = 1000;
    private static readonly string Speech = $$"""{"reply":[{"say":"Good day.","ms":{{SpeechMilliseconds}}}]}""";

    [Fact]
    public async Task ResponseAskedForWhileItRings_IsHeardFromItsBeginning_InPlaceOfTheGreeting()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (invite, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;

        string response = await RespondAsync(sideband);
        await AnswerAsync(desk, invite);

        Assert.InRange(await HearAsync(desk) * 20, SpeechMilliseconds - 40, SpeechMilliseconds + 40);
        Assert.Equal(response, (await sideband.WaitForAsync("output_audio_buffer.started")).Text("response_id"));
        Assert.Equal(response, (await sideband.WaitForAsync("output_audio_buffer.stopped")).Text("response_id"));
        Assert.Single(sideband.Events, e => e.Type == "response.created");
        Assert.DoesNotContain(sideband.Events, e => e.Type == "error");
    }

    [Fact]
    public async Task ResponseAskedForDuringEarlyMedia_IsNotSpokenToTheRingingTone()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (invite, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;
        await desk.AnswerAsync(invite, 183, desk.Sdp);
        await sideband.WaitForAsync("voicecarnival.call.progress", e => e.Text("state") == "early_media");
        await desk.ReceiveAudioAsync();

        await RespondAsync(sideband);
        await sideband.WaitForAsync("response.output_audio_transcript.delta");
        for (int i = 0; i < 25; i++)
            Assert.False(PcmuPacket.IsLoud(await desk.ReceiveAudioAsync()));
        await AnswerAsync(desk, invite);

        Assert.InRange(await HearAsync(desk) * 20, SpeechMilliseconds - 40, SpeechMilliseconds + 40);
    }

    [Fact]
    public async Task ResponseClearedDuringEarlyMedia_IsNeverHeard()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (invite, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;
        await desk.AnswerAsync(invite, 183, desk.Sdp);
        await desk.ReceiveAudioAsync();

        string response = await RespondAsync(sideband);
        await sideband.WaitForAsync("response.output_audio_transcript.delta");
        await sideband.SendAsync(new { type = "output_audio_buffer.clear" });
        Assert.Equal(response, (await sideband.WaitForAsync("output_audio_buffer.cleared")).Text("response_id"));
        Assert.Equal(0, (await sideband.WaitForAsync("conversation.item.truncated")).Find("audio_end_ms").GetInt32());
        await AnswerAsync(desk, invite);

        for (int i = 0; i < 50; i++)
            Assert.False(PcmuPacket.IsLoud(await desk.ReceiveAudioAsync()));
    }

    [Fact]
    public async Task Cancel_WhileItRings_StopsWhatIsThere_AndIsAnErrorWhereThereIsNothing()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (_, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;

        await sideband.SendAsync(new { type = "response.cancel" });
        Assert.Equal("response_cancel_not_active", (await sideband.WaitForAsync("error")).Find("error.code").GetString());
        await RespondAsync(sideband);
        await sideband.SendAsync(new { type = "response.cancel" });

        Assert.Equal("cancelled", (await sideband.WaitForAsync("response.done")).Find("response.status").GetString());
    }

    [Fact]
    public async Task AudioAppendedWhileItRings_IsATurnOfTheConversation()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (invite, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;
        await sideband.SendAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""");
        await sideband.WaitForAsync("session.updated");

        await sideband.SendAudioAsync(SpeechFile.Read("hello.wav"));
        await sideband.SendAsync(new { type = "input_audio_buffer.commit" });
        string item = (await sideband.WaitForAsync("input_audio_buffer.committed")).Text("item_id")!;
        await sideband.WaitForAsync("conversation.item.added", e => e.Find("item.id").GetString() == item);
        await RespondAsync(sideband);
        await AnswerAsync(desk, invite);

        Assert.InRange(await HearAsync(desk), 1, int.MaxValue);
    }

    [Fact]
    public async Task ApplicationThatLeavesWhileItRings_LeavesTheCallToTheAgent()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (invite, sideband) = await RingAsync(phones, desk);
        await sideband.CloseAsync();
        await sideband.DisposeAsync();

        await AnswerAsync(desk, invite);

        Assert.InRange(await HearAsync(desk), 1, int.MaxValue); // its greeting
    }

    [Fact]
    public async Task CallThatNobodyTakes_TellsItsApplication_AndLetsItGo()
    {
        using var desk = new SipDesk();
        await using var phones = await OpenAsync();
        var (invite, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;
        await RespondAsync(sideband);

        await desk.AnswerAsync(invite, 486);

        Assert.Equal(486, (await sideband.WaitForAsync("voicecarnival.call.progress", e => e.Text("state") == "ended")).Find("status").GetInt32());
        await sideband.WaitForCloseAsync();
    }

    [Fact]
    public async Task ResponseAskedForBeforeTheCallersLineIsThere_IsHeard()
    {
        await using var phones = await OpenAsync();
        using var phone = new SipPhone(phones.Port);
        // Its offer comes with the ACK only: until then there is a session without a line.
        await phone.SendAsync("INVITE", 1);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
        await using var sideband = await phones.ListenAsync();
        await sideband.ExpectAsync("session.created");

        await RespondAsync(sideband);
        await phone.SendAsync("ACK", 1, phone.Sdp());

        while (!PcmuPacket.IsLoud(await phone.ReceiveAudioAsync()))
            continue;
        await sideband.WaitForAsync("output_audio_buffer.stopped");
        Assert.Single(sideband.Events, e => e.Type == "response.created");
    }

    [Fact]
    public async Task WhatTheAgentHadToSayToAnAnnouncement_IsNotHeardByWhoPicksUp()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(
            $$"""{"reply":[{"say":"To the announcement.","ms":3000}]},{"reply":[{"say":"Good day.","ms":{{SpeechMilliseconds}}}]}""", ("Destinations:0", "desk@127.0.0.1"));
        var (invite, sideband) = await RingAsync(phones, desk);
        await using var closing = sideband;
        await desk.AnswerAsync(invite, 183, desk.Sdp);
        await desk.SpeakAsync(invite, "hello.wav");
        // A turn of the conversation that nobody asked for.
        string answered = (await sideband.WaitForAsync("response.created")).Find("response.id").GetString()!;
        await sideband.WaitForAsync("response.output_audio_transcript.delta");

        await AnswerAsync(desk, invite);

        // The greeting, and nothing of what was said before.
        Assert.InRange(await HearAsync(desk) * 20, SpeechMilliseconds - 40, SpeechMilliseconds + 40);
        Assert.NotEqual(answered, (await sideband.WaitForAsync("output_audio_buffer.started")).Text("response_id"));
    }

    private static Task<PhoneGateway> OpenAsync() => PhoneGateway.OpenAsync(Speech, ("Destinations:0", "desk@127.0.0.1"));

    // Calls, and has an application at the session while it rings.
    private static async Task<(SipMessage Invite, RealtimeTestClient Sideband)> RingAsync(PhoneGateway phones, SipDesk desk)
    {
        (await phones.Gateway.Client.PostAsJsonAsync("/api/sip/calls", new { to = desk.Uri })).EnsureSuccessStatusCode();
        var invite = await desk.RequestAsync(SipMethod.Invite);
        await desk.AnswerAsync(invite, 180);
        var sideband = await phones.ListenAsync();
        sideband.CheckSchema = false; // OpenAI has no events of a call's progress
        await sideband.ExpectAsync("session.created");
        return (invite, sideband);
    }

    private static async Task<string> RespondAsync(RealtimeTestClient sideband)
    {
        await sideband.SendAsync(new { type = "response.create" });
        string id = (await sideband.WaitForAsync("response.created")).Find("response.id").GetString()!;
        return id;
    }

    private static async Task AnswerAsync(SipDesk desk, SipMessage invite)
    {
        await desk.AnswerAsync(invite, 200, desk.Sdp);
        await desk.RequestAsync(SipMethod.Ack);
    }

    // Packets with something in them, up to half a second without.
    private static async Task<int> HearAsync(SipDesk desk)
    {
        int heard = 0;
        for (int quiet = 0; heard == 0 || quiet < 25;)
        {
            bool isLoud = PcmuPacket.IsLoud(await desk.ReceiveAudioAsync());
            heard += isLoud ? 1 : 0;
            quiet = isLoud ? 0 : quiet + 1;
        }

        return heard;
    }
}

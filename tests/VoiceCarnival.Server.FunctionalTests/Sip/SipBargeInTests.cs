namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>A caller on the phone who speaks while the agent does.</summary>
public sealed class SipBargeInTests
{
    private const int AnswerMilliseconds = 30_000;
    private const int PacketMilliseconds = 20;

    [Fact]
    public async Task CallerWhoSpeaksOverTheAgent_HearsNoMoreOfIt_AndTheConversationKeepsWhatWasHeard()
    {
        await using var phones = await PhoneGateway.OpenAsync($$"""{"reply":[{"say":"It is a long story.","ms":{{AnswerMilliseconds}}}]}""");
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await using var sideband = await phones.ListenAsync();
        int heard = 0;
        while (heard < 25)
            heard += PcmuPacket.IsLoud(await phone.ReceiveAudioAsync()) ? 1 : 0;

        // A packet for each that comes: the pace is the server's own, however busy the machine is.
        int quiet = 0;
        foreach (byte[] packet in PcmuPacket.Of("barge-in.wav"))
        {
            phone.SendAudio(packet);
            bool isLoud = PcmuPacket.IsLoud(await phone.ReceiveAudioAsync());
            heard += isLoud ? 1 : 0;
            quiet = isLoud ? 0 : quiet + 1;
            if (quiet == 10)
                break;
        }

        Assert.Equal(10, quiet);
        var started = await sideband.WaitForAsync("input_audio_buffer.speech_started");
        Assert.NotNull(started.Text("item_id"));
        await sideband.WaitForAsync("output_audio_buffer.cleared");
        int kept = (await sideband.WaitForAsync("conversation.item.truncated")).Find("audio_end_ms").GetInt32();
        // What stands in the conversation is what came out of the receiver: to the packet, of which the last is a fade.
        Assert.Equal(heard * PacketMilliseconds, kept, 2.0 * PacketMilliseconds);
        Assert.InRange(kept, 0, AnswerMilliseconds / 2);
        Assert.Equal("turn_detected", sideband.Events.Last(e => e.Type == "response.done").Find("response.status_details.reason").GetString());
    }
}

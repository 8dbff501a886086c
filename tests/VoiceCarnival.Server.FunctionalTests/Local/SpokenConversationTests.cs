using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Local;

/// <summary>Somebody asks the concierge aloud, with the embedded voice, and understands what it answers with the embedded recogniser: nothing between is a double.</summary>
public sealed class SpokenConversationTests(Conversation conversation) : IClassFixture<Conversation>
{
    // Other tests keep the processors busy while a recogniser works.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task ASpokenQuestion_GetsTheSpokenAnswer()
    {
        await conversation.NeedsRecogniserAsync();
        await using var client = await conversation.CallAsync();

        await client.StreamAudioAsync(await conversation.SayAsync("Can you count to nine?"), speed: 2);
        var heard = await client.WaitForAsync("conversation.item.input_audio_transcription.completed", timeout: Patience);
        var done = await client.WaitForAsync("response.done", timeout: Patience);

        Assert.Equal("can you count to nine", heard.Text("transcript"));
        Assert.Equal("completed", done.Text("response.status"));
        Assert.Equal("One, two, three, four, five, six, seven, eight, nine.", done.Text("response.output.0.content.0.transcript"));
        Assert.Contains("three four five six seven", await conversation.HearAsync(Assert.Single(client.Audio).Samples), StringComparison.Ordinal);
        client.AssertNoProblems();
        Assert.Empty(EventFlow.Violations(client.Events, complete: false));
    }

    [Fact]
    public async Task ByTelephoneBand_TheSame()
    {
        await conversation.NeedsRecogniserAsync();
        await using var client = await conversation.CallAsync("audio/pcmu");

        byte[] question = Conversation.ToPcmu(await conversation.SayAsync("Can you count to seven?"));
        for (int i = 0; i < question.Length; i += 160)
            await client.SendAudioAsync(question[i..Math.Min(i + 160, question.Length)], binary: false);
        var done = await client.WaitForAsync("response.done", timeout: Patience);

        Assert.Equal("One, two, three, four, five, six, seven.", done.Text("response.output.0.content.0.transcript"));
        Assert.Contains("five six seven", await conversation.HearAsync(Conversation.FromPcmu(Assert.Single(client.Audio).Bytes), 8_000), StringComparison.Ordinal);
        client.AssertNoProblems();
    }

    [Fact]
    public async Task AToolByVoice_IsCalledAndItsResultSpoken()
    {
        await conversation.NeedsRecogniserAsync();
        await using var client = await conversation.CallAsync(more: """
            "tools":[{"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}],
            """);

        await client.StreamAudioAsync(await conversation.SayAsync("What is the weather like in London?"), speed: 2);
        var call = await client.WaitForAsync("response.function_call_arguments.done", timeout: Patience);
        await client.WaitForAsync("response.done", timeout: Patience);
        Assert.Equal("get_weather", call.Text("name"));
        Assert.Equal("""{"city":"london"}""", call.Text("arguments"));
        await client.SendAsync(new { type = "conversation.item.create", item = new { type = "function_call_output", call_id = call.Text("call_id"), output = "It is raining in London." } });
        await client.SendAsync("""{"type":"response.create"}""");
        var done = await client.WaitForAsync("response.done", timeout: Patience);

        Assert.Equal("The tool says: It is raining in London.", done.Text("response.output.0.content.0.transcript"));
        Assert.Contains("raining in london", await conversation.HearAsync(client.Audio[^1].Samples), StringComparison.Ordinal);
        client.AssertNoProblems();
    }

    [Fact]
    public async Task TypedWords_AreAnsweredAloud_WithoutARecogniser()
    {
        await using var deaf = new Conversation(("VoiceCarnival:Local:Brain", "concierge"), ("VoiceCarnival:Local:SpeechToText:Provider", "none"));
        await using var client = await deaf.CallAsync();

        await client.SendAsync("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"spell gate"}]}}""");
        await client.SendAsync("""{"type":"response.create"}""");
        var done = await client.WaitForAsync("response.done", timeout: Patience);

        Assert.Equal("G, A, T, E.", done.Text("response.output.0.content.0.transcript"));
        short[] samples = Assert.Single(client.Audio).Samples;
        Assert.InRange(samples.Length, 24_000, 24_000 * 5);
        Assert.InRange(samples.Max(sample => Math.Abs((int)sample)), 3_000, 32_768);
        client.AssertNoProblems();
    }

    [Fact]
    public async Task TheEcho_RepeatsTheWordsInItsOwnVoice()
    {
        await conversation.NeedsRecogniserAsync();
        await using var client = await conversation.CallAsync(model: "voicecarnival-echo");

        await client.StreamAudioAsync(await conversation.SayAsync("What is the weather like in London?"), speed: 2);
        var heard = await client.WaitForAsync("conversation.item.input_audio_transcription.completed", timeout: Patience);
        var done = await client.WaitForAsync("response.done", timeout: Patience);

        // A machine that is too busy for the recogniser has the words so far repeated.
        Assert.StartsWith("what is the weather", heard.Text("transcript"), StringComparison.Ordinal);
        Assert.Equal(heard.Text("transcript"), done.Text("response.output.0.content.0.transcript"));
        Assert.Equal(heard.Text("transcript"), await conversation.HearAsync(Assert.Single(client.Audio).Samples));
    }

    [Fact]
    public async Task ASession_ChoosesItsBrainByItsModel()
    {
        await using var echo = new Conversation(("VoiceCarnival:Local:Brain", "echo"));
        await using var client = await echo.CallAsync(model: "voicecarnival-concierge");
        await client.SendAsync("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"count to two"}]}}""");
        await client.SendAsync("""{"type":"response.create","response":{"output_modalities":["text"]}}""");
        Assert.Equal("One, two.", (await client.WaitForAsync("response.done", timeout: Patience)).Text("response.output.0.content.0.text"));
    }
}

using VoiceCarnival.Audio;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class SpeechTurnTests
{
    private const string LongAnswer = """{"turns":[{"heard":"hello there","reply":[{"say":"one two three four five six","ms":20000}]}]}""";
    private static readonly byte[] HelloBytes = Tone.ToBytes(Speech.Hello);

    /// <summary>"Hello, can you hear me?" as one turn, whatever silences it has inside.</summary>
    private const string OneTurn = "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}";

    [Fact]
    public void SpokenTurn_GivesTheEventsInTheOrderOfTheProtocol()
    {
        var h = new DialogueHarness(DialogueHarness.Script(LongAnswer));
        h.Update(OneTurn);
        int from = h.Events.Count;
        h.Speak(Speech.Hello);
        h.Silence(500);
        h.RunUntilDone();
        Assert.Equal(
            [
                "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
                "conversation.item.added", "conversation.item.done", "response.created", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "response.output_audio_transcript.delta", "response.output_audio.delta",
                "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done", "response.output_item.done",
                "conversation.item.done", "response.done", "rate_limits.updated",
            ],
            h.Order(from));
        string user = h.Single("input_audio_buffer.speech_started").Text("item_id")!;
        Assert.Equal(user, h.Single("input_audio_buffer.speech_stopped").Text("item_id"));
        Assert.Equal(user, h.Single("input_audio_buffer.committed").Text("item_id"));
        Assert.Equal(user, h.Of("conversation.item.added").First().Text("item.id"));
        Assert.Equal("input_audio", h.Of("conversation.item.added").First().Text("item.content.0.type"));
        var assistant = h.Of("conversation.item.added").Last();
        Assert.Equal(user, assistant.Text("previous_item_id"));
        Assert.Equal("in_progress", assistant.Text("item.status"));
        Assert.Equal(0, assistant.Find("item.content").GetArrayLength());
        Assert.Equal("audio", h.Single("response.content_part.added").Text("part.type"));
        Assert.Equal("output_audio", h.Single("response.output_item.done").Text("item.content.0.type"));
        Assert.Equal("one two three four five six", h.Single("response.output_item.done").Text("item.content.0.transcript"));
        h.CheckFlow();
    }

    [Theory]
    [InlineData(0, 600)]
    [InlineData(300, 600)]
    [InlineData(500, 1000)]
    public void SpokenTurn_HasTheTimesOfTheSpeechInTheBuffer(int padding, int silence)
    {
        var h = new DialogueHarness();
        h.Update($"\"audio\":{{\"input\":{{\"turn_detection\":{{\"type\":\"server_vad\",\"prefix_padding_ms\":{padding},\"silence_duration_ms\":{silence},\"create_response\":false}}}}}}");
        h.Silence(1000);
        h.Speak(Speech.Hello);
        h.Silence(1200);
        int start = h.Single("input_audio_buffer.speech_started").Find("audio_start_ms").GetInt32();
        int end = h.Single("input_audio_buffer.speech_stopped").Find("audio_end_ms").GetInt32();
        int firstSound = 1000 + (Array.FindIndex(Speech.Hello, s => Math.Abs((int)s) > 300) / 24);
        int lastSound = 1000 + (Array.FindLastIndex(Speech.Hello, s => Math.Abs((int)s) > 300) / 24);
        Assert.InRange(start, firstSound - padding - 60, firstSound - padding + 60);
        Assert.InRange(end, lastSound + silence - 80, lastSound + silence + 80);
        var item = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{h.Single("input_audio_buffer.committed").Text("item_id")}}"}"""));
        Assert.Equal((end - start) * 48, Convert.FromBase64String(item.Text("item.content.0.audio")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void AppendEvents_GiveTheSameTurnsAsBareAudio()
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        foreach (byte[] chunk in HelloBytes.Concat(new byte[48_000]).Chunk(16_384))
            h.Send($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(chunk)}}"}""");
        Assert.Single(h.Of("input_audio_buffer.speech_started"));
        h.RunUntilDone();
        h.CheckFlow();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(333)]
    [InlineData(961)]
    [InlineData(100_001)]
    public void AudioInChunksOfAnySize_GivesTheSameTurn(int size)
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        byte[] bytes = [.. HelloBytes, .. new byte[48_000]];
        for (int i = 0; i < bytes.Length; i += size)
            h.SendAudioAtOnce(bytes.AsSpan(i, Math.Min(size, bytes.Length - i)));
        h.RunUntilDone();
        string id = h.Single("response.done").Text("response.output.0.id")!;
        CheckEcho(h.Samples(id), Speech.Hello);
        h.CheckFlow();
    }

    [Fact]
    public void Echo_SaysBackTheSameSamples()
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        h.Speak(Speech.Hello);
        h.Silence(300);
        h.RunUntilDone();
        CheckEcho(h.Samples(h.Single("response.done").Text("response.output.0.id")!), Speech.Hello);
        h.CheckFlow();
    }

    [Theory]
    [InlineData("audio/pcmu", "audio/pcmu")]
    [InlineData("audio/pcma", "audio/pcma")]
    [InlineData("audio/pcmu", "audio/pcm")]
    [InlineData("audio/pcm", "audio/pcma")]
    [InlineData("audio/pcma", "audio/pcmu")]
    public void Echo_InOtherFormats_SoundsTheSame(string input, string output)
    {
        var h = new DialogueHarness();
        h.Update($"\"audio\":{{\"input\":{{\"format\":{{\"type\":\"{input}\"}},\"turn_detection\":{{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}},\"output\":{{\"format\":{{\"type\":\"{output}\"}}}}}}");
        h.Speak(Speech.Hello);
        h.Silence(300);
        var done = h.RunUntilDone();
        Assert.Equal(output, done.Text("response.audio.output.format.type"));
        Assert.True(AudioFormat.TryParse(output, out var format));
        short[] said = Speech.Resample(h.Samples(done.Text("response.output.0.id")!, format), format.SampleRate, 8000);
        short[] spoken = Speech.Resample(Speech.Hello, 24_000, 8000);
        int first = Array.FindIndex(spoken, s => Math.Abs((int)s) > 300);
        short[] reference = spoken[first..(first + 6000)];
        var (lag, correlation) = AudioCheck.Find(reference, said, 4000);
        Assert.True(correlation > 0.95, $"{correlation:0.000} at {lag}");
        h.CheckFlow();
    }

    [Fact]
    public void SpeechInNoise_GivesExactlyTheSpokenTurns()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"text":"ok"}]}]}"""));
        h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":700}}}");
        short[] clean = [.. new short[48_000], .. Speech.Hello, .. new short[24_000], .. Speech.Question, .. new short[24_000], .. Speech.Load("barge-in"), .. new short[48_000]];
        h.Speak(Speech.InNoise(clean, 10, seed: 7));
        // barge-in.wav is two sentences with 1.2 s between them.
        Assert.Equal(4, h.Of("input_audio_buffer.speech_started").Count());
        Assert.Equal(4, h.Of("input_audio_buffer.speech_stopped").Count());
        Assert.Equal(4, h.Of("response.done").Count());
        h.CheckFlow();
    }

    [Fact]
    public void BargeIn_CancelsTheAnswerAndTheNextTurnFollows()
    {
        var h = new DialogueHarness(DialogueHarness.Script(LongAnswer));
        h.Update(OneTurn);
        h.Speak(Speech.Hello);
        h.Silence(1500);
        int from = h.Events.Count;
        string speaking = h.Single("response.output_item.added").Text("item.id")!;
        h.Speak(Speech.Question);
        int second = h.Events.FindLastIndex(e => e.Type == "input_audio_buffer.speech_started");
        Assert.Equal(
            [
                "input_audio_buffer.speech_started", "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
                "response.output_item.done", "conversation.item.done", "response.done", "rate_limits.updated",
            ],
            h.Order(second).Take(8));
        var done = h.Single("response.done");
        Assert.Equal("cancelled", done.Text("response.status"));
        Assert.Equal("turn_detected", done.Text("response.status_details.reason"));
        Assert.Equal("incomplete", done.Text("response.output.0.status"));
        Assert.NotEqual("one two three four five six", done.Text("response.output.0.content.0.transcript"));
        int piecesSoFar = h.Pieces.Count(p => p.ItemId == speaking);

        Assert.Equal("conversation.item.truncated", Assert.Single(h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{speaking}}","content_index":0,"audio_end_ms":1500}""")).Type);
        h.Refused($$"""{"type":"conversation.item.truncate","item_id":"{{speaking}}","content_index":0,"audio_end_ms":1501}""", "invalid_value", "audio_end_ms");
        h.Silence(1000);
        Assert.Equal(2, h.Of("response.created").Count());
        h.RunUntilDone();
        Assert.Equal(piecesSoFar, h.Pieces.Count(p => p.ItemId == speaking));
        Assert.True(from < second);
        h.CheckFlow();
    }

    [Fact]
    public void Speech_AfterTheAnswerWasGenerated_CancelsNothingAndTruncates()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"short","ms":2000}]}]}"""));
        h.Update(OneTurn);
        h.Speak(Speech.Hello);
        h.Silence(300);
        string id = h.RunUntilDone().Text("response.output.0.id")!;
        h.Speak(Speech.Hello);
        Assert.All(h.Of("response.done"), done => Assert.Equal("completed", done.Text("response.status")));
        Assert.Equal("conversation.item.truncated", Assert.Single(h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{id}}","content_index":0,"audio_end_ms":700}""")).Type);
        h.Silence(1000);
        h.RunUntilDone();
        h.CheckFlow();
    }

    [Fact]
    public void InterruptResponseFalse_LetsTheAnswerFinishAndThenAnswersTheNewTurn()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"first","ms":40000}]},{"reply":[{"text":"second"}]}]}"""));
        h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600,\"interrupt_response\":false}}}");
        h.Speak(Speech.Hello);
        h.Silence(500);
        h.Speak(Speech.Hello);
        h.Silence(500);
        Assert.Equal(2, h.Of("input_audio_buffer.committed").Count());
        Assert.Single(h.Of("response.created"));
        Assert.Empty(h.Of("response.done"));
        h.RunUntilDone();
        Assert.Equal(2, h.Of("response.done").Count());
        Assert.All(h.Of("response.done"), done => Assert.Equal("completed", done.Text("response.status")));
        h.CheckFlow();
    }

    [Fact]
    public void CreateResponseFalse_WaitsForTheClient()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600,\"create_response\":false}}}");
        h.Speak(Speech.Hello);
        h.Silence(1000);
        Assert.Single(h.Of("input_audio_buffer.committed"));
        Assert.Empty(h.Of("response.created"));
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("completed", h.RunUntilDone().Text("response.status"));
        h.CheckFlow();
    }

    [Theory]
    [InlineData("high", 500)]
    [InlineData("medium", 1000)]
    [InlineData("auto", 1000)]
    [InlineData("low", 2000)]
    public void SemanticVad_WaitsAsItsEagernessSays(string eagerness, int wait)
    {
        var h = new DialogueHarness();
        h.Update($"\"audio\":{{\"input\":{{\"turn_detection\":{{\"type\":\"semantic_vad\",\"eagerness\":\"{eagerness}\"}}}}}}");
        h.Speak(Speech.Hello);
        h.Silence(3000);
        int end = h.Of("input_audio_buffer.speech_stopped").Last().Find("audio_end_ms").GetInt32();
        int lastSound = Array.FindLastIndex(Speech.Hello, s => Math.Abs((int)s) > 300) / 24;
        Assert.InRange(end, lastSound + wait - 80, lastSound + wait + 100);
        h.RunUntilDone();
        h.CheckFlow();
    }

    [Fact]
    public void PushToTalk_CommitsWithoutAnswerAndAnswersWhenAsked()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.Speak(Speech.Hello);
        Assert.Equal(2, h.Events.Count);
        var committed = h.Send("""{"type":"input_audio_buffer.commit"}""");
        Assert.Equal(["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"], committed.Select(e => e.Type));
        Assert.Equal(committed[0].Text("item_id"), committed[1].Text("item.id"));
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(HelloBytes, h.Audio(h.RunUntilDone().Text("response.output.0.id")!));
        h.CheckFlow();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    public void Commit_OfLessThan100Ms_IsRefused(int ms)
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.SendAudioAtOnce(new byte[ms * 48]);
        Assert.Contains("buffer too small", h.Refused("""{"type":"input_audio_buffer.commit","event_id":"e"}""", "input_audio_buffer_commit_empty").Text("error.message"), StringComparison.Ordinal);
        h.SendAudioAtOnce(new byte[(100 - ms) * 48]);
        Assert.Equal(3, h.Send("""{"type":"input_audio_buffer.commit"}""").Count);
        h.CheckFlow();
    }

    [Fact]
    public void Clear_EmptiesTheBuffer()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.SendAudioAtOnce(new byte[48_000]);
        Assert.Equal("input_audio_buffer.cleared", Assert.Single(h.Send("""{"type":"input_audio_buffer.clear"}""")).Type);
        h.Refused("""{"type":"input_audio_buffer.commit"}""", "input_audio_buffer_commit_empty");
        h.CheckFlow();
    }

    [Theory]
    [InlineData("input_audio_buffer.commit")]
    [InlineData("input_audio_buffer.clear")]
    public void HalfASample_IsKeptOverCommitAndClear(string type)
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        byte[] tone = Tone.ToBytes(Tone.Sine(440, TimeSpan.FromSeconds(1)));
        h.SendAudioAtOnce(tone.AsSpan(0, 20_001));
        h.Send($$"""{"type":"{{type}}"}""");
        h.SendAudioAtOnce(tone.AsSpan(20_001));
        string id = h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id")!;
        var item = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
        Assert.Equal(tone[20_000..], Convert.FromBase64String(item.Text("item.content.0.audio")!));
        h.CheckFlow();
    }

    [Fact]
    public void Commit_DuringSpeech_EndsTheSpeechUnderItsId()
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        h.Speak(Speech.Question[..48_000]);
        string id = h.Single("input_audio_buffer.speech_started").Text("item_id")!;
        var events = h.Send("""{"type":"input_audio_buffer.commit"}""");
        Assert.Equal(["input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"], events.Select(e => e.Type));
        Assert.Equal(id, events[1].Text("item_id"));
        h.Speak(Speech.Question[48_000..]);
        h.Silence(1000);
        Assert.Equal(2, h.Of("input_audio_buffer.speech_started").Count());
        h.RunUntilDone();
        h.CheckFlow();
    }

    [Fact]
    public void Clear_DuringSpeech_ForgetsTheTurn()
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        h.Speak(Speech.Question[..48_000]);
        string id = h.Single("input_audio_buffer.speech_started").Text("item_id")!;
        Assert.Equal("input_audio_buffer.cleared", Assert.Single(h.Send("""{"type":"input_audio_buffer.clear"}""")).Type);
        h.Silence(1000);
        Assert.Empty(h.Of("input_audio_buffer.committed"));
        h.Speak(Speech.Hello);
        h.Silence(1000);
        Assert.NotEqual(id, h.Single("input_audio_buffer.committed").Text("item_id"));
        h.CheckFlow();
    }

    [Fact]
    public void TurnDetectionOff_DuringSpeech_LeavesTheCommitToTheClientUnderTheSameId()
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        h.Speak(Speech.Question[..48_000]);
        string id = h.Single("input_audio_buffer.speech_started").Text("item_id")!;
        var events = h.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""");
        Assert.Equal(["input_audio_buffer.speech_stopped", "session.updated"], events.Select(e => e.Type));
        Assert.Equal(id, h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id"));
        h.Update(OneTurn);
        h.Speak(Speech.Hello);
        h.Silence(1000);
        h.RunUntilDone();
        h.CheckFlow();
    }

    [Fact]
    public void FormatChange_DuringSpeech_KeepsWhatWasSaidAsATurn()
    {
        var h = new DialogueHarness();
        h.Update(OneTurn);
        h.Speak(Speech.Question[..48_000]);
        h.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"}}}}}""");
        Assert.Single(h.Of("input_audio_buffer.committed"));
        string id = h.RunUntilDone().Text("response.output.0.id")!;
        CheckEcho(h.Samples(id), Speech.Question[..48_000]);
        h.Speak(Speech.Hello);
        h.Silence(1000);
        h.RunUntilDone();
        int start = h.Of("input_audio_buffer.speech_started").Last().Find("audio_start_ms").GetInt32();
        Assert.InRange(start, 2000, 2700);
        h.CheckFlow();
    }

    [Fact]
    public void FormatChange_DuringAnAnswer_LeavesTheAnswerInItsFormat()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"a b c","ms":3000}]}]}"""));
        h.Send("""{"type":"response.create"}""");
        h.Update("\"audio\":{\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}");
        Assert.Equal(3000 * 48, h.Audio(h.RunUntilDone().Text("response.output.0.id")!).Length);
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(3000 * 8, h.Audio(h.RunUntilDone().Text("response.output.0.id")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void FormatChange_WithAudioInTheBuffer_ConvertsIt()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1)));
        h.Update("\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"}}}");
        h.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1)));
        h.Send("""{"type":"input_audio_buffer.commit"}""");
        h.Send("""{"type":"response.create"}""");
        short[] said = h.Samples(h.RunUntilDone().Text("response.output.0.id")!);
        Assert.InRange(said.Length, 47_500, 48_500);
        Assert.InRange(AudioCheck.DominantFrequency(said.AsSpan(0, 24_000)), 438, 442);
        h.CheckFlow();
    }

    [Fact]
    public void TurnLongerThanAllowed_IsEndedAndTheNextBegins()
    {
        var h = new DialogueHarness(
            DialogueHarness.Script("""{"turns":[{"reply":[{"text":"ok"}]}]}"""), new LocalEngineOptions { MaxInputSeconds = 2 });
        short[] voice = [.. Speech.Question[12_000..92_000], .. Speech.Question[12_000..92_000], .. Speech.Question[12_000..92_000]];
        h.SendAudioAtOnce(Tone.ToBytes([.. new short[24_000], .. voice]));
        foreach (var (started, stopped) in h.Of("input_audio_buffer.speech_started").Zip(h.Of("input_audio_buffer.speech_stopped")))
            Assert.InRange(stopped.Find("audio_end_ms").GetInt32() - started.Find("audio_start_ms").GetInt32(), 100, 3000);
        Assert.True(h.Of("input_audio_buffer.committed").Count() >= 4);
        h.CheckFlow(complete: false);
    }

    [Fact]
    public void PushToTalkBuffer_ThatIsFull_SaysSoOnceAndDropsTheRest()
    {
        var h = new DialogueHarness(options: new LocalEngineOptions { MaxInputSeconds = 2 });
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.Silence(2500);
        Assert.Equal("input_audio_buffer_full", h.Single("error").Text("error.code"));
        string id = h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id")!;
        var item = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
        Assert.Equal(2000 * 48, Convert.FromBase64String(item.Text("item.content.0.audio")!).Length);
        h.Silence(2500);
        Assert.Equal(2, h.Of("error").Count());
        h.CheckFlow();
    }

    [Fact]
    public void IdleTimeout_CommitsAndAnswersByItself()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"hello","ms":3000}]},{"reply":[{"text":"Still there?"}]}]}"""));
        h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":5000}}}");
        h.Advance(60_000);
        Assert.Empty(h.Of("input_audio_buffer.timeout_triggered"));
        h.Send("""{"type":"response.create"}""");
        h.RunUntilDone();
        var began = TimeSpan.FromSeconds(60);
        int from = h.Events.Count;
        var triggered = h.RunUntil("input_audio_buffer.timeout_triggered");
        Assert.Equal(began + TimeSpan.FromSeconds(8), triggered.At);
        Assert.Equal(
            ["input_audio_buffer.timeout_triggered", "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done", "response.created"],
            h.Order(from).Take(5));
        Assert.Equal(triggered.Text("item_id"), h.Single("input_audio_buffer.committed").Text("item_id"));
        h.CheckFlow();
    }

    [Fact]
    public void IdleTimeout_WaitsWhileTheCallerSpeaks()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"text":"ok"}]}]}"""));
        h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600,\"idle_timeout_ms\":5000,\"create_response\":false}}}");
        h.Send("""{"type":"response.create"}""");
        h.Silence(4000);
        h.Speak(Speech.Question);
        h.Silence(4000);
        Assert.Empty(h.Of("input_audio_buffer.timeout_triggered"));
        h.Silence(3000);
        Assert.Single(h.Of("input_audio_buffer.timeout_triggered"));
        h.CheckFlow();
    }

    [Fact]
    public void TranscriptionSession_TranscribesAndNeverAnswers()
    {
        var h = new DialogueHarness(DialogueHarness.Script(LongAnswer), session: DialogueHarness.NewSession("transcription"));
        Assert.Equal("realtime.transcription_session", h.Last.Text("session.object"));
        Assert.Null(h.Last.Text("session.model"));
        Assert.Equal(System.Text.Json.JsonValueKind.Undefined, h.Last.Find("session.audio.output").ValueKind);
        h.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"gpt-transcribe\"},\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}");
        int from = h.Events.Count;
        h.Speak(Speech.Hello);
        h.Silence(1000);
        Assert.Equal(
            [
                "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added",
                "conversation.item.done", "conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
            ],
            h.Order(from));
        Assert.Equal("hello there", h.Single("conversation.item.input_audio_transcription.completed").Text("transcript"));
        h.Refused("""{"type":"response.create"}""", "invalid_event", "type");
        h.Refused("""{"type":"session.update","session":{"type":"transcription","instructions":"x"}}""", "unknown_parameter", "session.instructions");
        h.CheckFlow();
    }

    [Fact]
    public void Transcription_ThatTheEngineCannotMake_Fails()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\"},\"turn_detection\":null}}");
        h.Speak(Speech.Hello);
        var failed = h.Send("""{"type":"input_audio_buffer.commit"}""")[^1];
        Assert.Equal("conversation.item.input_audio_transcription.failed", failed.Type);
        h.CheckFlow();
    }

    // The echo is a stretch of what was said, sample for sample, that leaves out nothing loud.
    private static void CheckEcho(short[] echo, short[] spoken)
    {
        int first = Array.FindIndex(spoken, s => Math.Abs((int)s) > 1000);
        var whole = new short[spoken.Length + 48_000];
        spoken.CopyTo(whole, 0);
        for (int start = Math.Max(0, first - 12_000); start < spoken.Length / 2; start++)
        {
            int length = Math.Min(echo.Length, whole.Length - start);
            if (length == echo.Length && whole.AsSpan(start, length).SequenceEqual(echo))
            {
                Assert.True(start <= first, $"The first {(start - first) / 24} ms of the speech are missing.");
                Assert.True(length > spoken.Length / 2);
                return;
            }
        }

        Assert.Fail("What came back is not what was said.");
    }
}

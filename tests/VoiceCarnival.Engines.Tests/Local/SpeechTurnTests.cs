extern alias embedded;

using embedded::VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class SpeechTurnTests
{
    private static readonly byte[] HelloBytes = Tone.ToBytes(Speech.Hello);

    [Fact]
    public void SpokenTurn_GivesTheEventsInTheOrderOfTheProtocol()
    {
        var h = new DialogueHarness(DialogueHarness.Script(DialogueHarness.LongAnswer));
        h.Update(Speech.HelloIsOneTurn);
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
    [InlineData("energy", 0, 600)]
    [InlineData("energy", 300, 600)]
    [InlineData("energy", 500, 1000)]
    [InlineData("silero", 0, 600)]
    [InlineData("silero", 300, 600)]
    [InlineData("silero", 500, 1000)]
    public void SpokenTurn_HasTheTimesOfTheSpeechInTheBuffer(string detector, int padding, int silence)
    {
        var h = new DialogueHarness(detector: format => detector == "energy" ? new EnergyVoiceActivityDetector(format.SampleRate) : new SileroVoiceActivityDetector(format.SampleRate));
        h.Update($"\"audio\":{{\"input\":{{\"turn_detection\":{{\"type\":\"server_vad\",\"prefix_padding_ms\":{padding},\"silence_duration_ms\":{silence},\"create_response\":false}}}}}}");
        h.Silence(1000);
        h.Speak(Speech.Hello);
        h.Silence(1200);
        int start = h.Single("input_audio_buffer.speech_started").Find("audio_start_ms").GetInt32();
        int end = h.Single("input_audio_buffer.speech_stopped").Find("audio_end_ms").GetInt32();
        int firstSound = 1000 + (Array.FindIndex(Speech.Hello, s => Math.Abs((int)s) > 300) / 24);
        int lastSound = 1000 + (Array.FindLastIndex(Speech.Hello, s => Math.Abs((int)s) > 300) / 24);
        Assert.InRange(start, firstSound - padding - 60, firstSound - padding + 60);
        // The network hears the end sooner than that, and is waited for.
        int lag = detector == "silero" ? 100 : 0;
        Assert.InRange(end, lastSound + silence - 80, lastSound + silence + lag + 80);
        var item = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{h.Single("input_audio_buffer.committed").Text("item_id")}}"}"""));
        Assert.Equal((end - start) * 48, Convert.FromBase64String(item.Text("item.content.0.audio")!).Length);
        h.CheckFlow();
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("question")]
    [InlineData("counting")]
    public void TurnsByTheDefaultSilence_AreNoMoreWithTheNetworkThanByEnergy(string file)
    {
        int Turns(Func<AudioFormat, IVoiceActivityDetector> detector)
        {
            var h = new DialogueHarness(detector: detector);
            h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"create_response\":false}}}");
            h.Silence(1000);
            h.Speak(Speech.Load(file));
            h.Silence(1200);
            return h.Of("input_audio_buffer.speech_stopped").Count();
        }

        Assert.InRange(Turns(static format => new SileroVoiceActivityDetector(format.SampleRate)), 1, Turns(static format => new EnergyVoiceActivityDetector(format.SampleRate)));
    }

    [Fact]
    public void AppendEvents_GiveTheSameTurnsAsBareAudio()
    {
        var h = new DialogueHarness();
        h.Update(Speech.HelloIsOneTurn);
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
        h.Update(Speech.HelloIsOneTurn);
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
        h.Update(Speech.HelloIsOneTurn);
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
    public void FormatChange_DuringSpeech_KeepsWhatWasSaidAsATurn()
    {
        var h = new DialogueHarness();
        h.Update(Speech.HelloIsOneTurn);
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

using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class InputBufferTests
{
    private static readonly byte[] HelloBytes = Tone.ToBytes(Speech.Hello);

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
    public void HalfASample_DoesNotOutliveCommitAndClear_NorTurnsWhatFollowsIntoNoise(string type)
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        byte[] tone = Tone.ToBytes(Tone.Sine(440, TimeSpan.FromSeconds(1)));
        h.SendAudioAtOnce(tone.AsSpan(0, 20_001));
        h.Send($$"""{"type":"{{type}}"}""");
        h.SendAudioAtOnce(tone);
        string id = h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id")!;
        var item = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
        Assert.Equal(tone, Convert.FromBase64String(item.Text("item.content.0.audio")!));
        h.CheckFlow();
    }

    [Fact]
    public void HalfASample_BetweenAppendsOfOneTurn_MeetsItsOtherHalf()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        byte[] tone = Tone.ToBytes(Tone.Sine(440, TimeSpan.FromSeconds(1)));
        h.SendAudioAtOnce(tone.AsSpan(0, 20_001));
        h.SendAudioAtOnce(tone.AsSpan(20_001));
        string id = h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id")!;
        Assert.Equal(tone, Convert.FromBase64String(Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}""")).Text("item.content.0.audio")!));
    }

    [Fact]
    public void Commit_DuringSpeech_EndsTheSpeechUnderItsId()
    {
        var h = new DialogueHarness();
        h.Update(Speech.HelloIsOneTurn);
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
        h.Update(Speech.HelloIsOneTurn);
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
        h.Update(Speech.HelloIsOneTurn);
        h.Speak(Speech.Question[..48_000]);
        string id = h.Single("input_audio_buffer.speech_started").Text("item_id")!;
        var events = h.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""");
        Assert.Equal(["input_audio_buffer.speech_stopped", "session.updated"], events.Select(e => e.Type));
        Assert.Equal(id, h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id"));
        h.Update(Speech.HelloIsOneTurn);
        h.Speak(Speech.Hello);
        h.Silence(1000);
        h.RunUntilDone();
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
}

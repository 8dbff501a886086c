using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class IdleTimeoutTests
{
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
    public void IdleTimeout_NamesAndCommitsTheSilenceSinceTheAnswer()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"text":"ok"}]}]}"""));
        h.Update("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":5000}}}");
        h.Silence(3000);
        h.Send("""{"type":"response.create"}""");
        h.RunUntilDone();
        h.Silence(5200);
        var triggered = h.Single("input_audio_buffer.timeout_triggered");
        int start = triggered.Find("audio_start_ms").GetInt32();
        int end = triggered.Find("audio_end_ms").GetInt32();
        Assert.InRange(start, 2900, 3200);
        Assert.InRange(end - start, 4900, 5000);
        h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{triggered.Text("item_id")}}"}""");
        byte[] committed = Convert.FromBase64String(h.Single("conversation.item.retrieved").Text("item.content.0.audio")!);
        Assert.Equal(48 * (end - start), committed.Length);
        h.CheckFlow();
    }
}

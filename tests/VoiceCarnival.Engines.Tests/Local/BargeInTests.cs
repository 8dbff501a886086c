using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class BargeInTests
{
    [Fact]
    public void BargeIn_CancelsTheAnswerAndTheNextTurnFollows()
    {
        var h = new DialogueHarness(DialogueHarness.Script(DialogueHarness.LongAnswer));
        h.Update(Speech.HelloIsOneTurn);
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
        h.Update(Speech.HelloIsOneTurn);
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
}

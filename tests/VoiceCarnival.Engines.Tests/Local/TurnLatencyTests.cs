using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>Where the time between the caller's turn and the first sound of the answer goes.</summary>
public sealed class TurnLatencyTests
{
    [Fact]
    public void EveryStage_IsMeasured_OncePerAnswer()
    {
        var brain = new StepBrain(needsWords: true);
        var voice = new HandVoice();
        var recognizer = new HandRecognizer();
        var h = new DialogueHarness(brain, voice: voice, recognizer: recognizer);
        h.Update(Speech.HelloIsOneTurn);
        h.Speak(Speech.Hello);
        h.Silence(700);
        h.Advance(TimeSpan.FromMilliseconds(1000) - (h.Now - h.Single("response.created").At));
        recognizer.Last.Complete(h, "hello");
        h.Advance(30);
        brain.Say(h, "Hello. And more.");
        h.Advance(50);
        voice.Asked[0].Finish(h);
        var latency = Assert.Single(h.Latencies);
        Assert.Equal(h.Single("response.created").Text("response.id"), latency.ResponseId);
        Assert.Equal(1000, latency.Recognition.TotalMilliseconds);
        Assert.Equal(30, latency.Thinking.TotalMilliseconds);
        Assert.Equal(50, latency.Speaking.TotalMilliseconds);
        Assert.Equal(0, latency.Sending.TotalMilliseconds);
        Assert.Equal(1080, latency.Total.TotalMilliseconds);
        Assert.InRange(latency.Silence!.Value.TotalMilliseconds, 580, 640);
        brain.Complete(h);
        h.Advance(500);
        voice.Asked[1].Finish(h);
        h.RunUntilDone();
        Assert.Single(h.Latencies);
    }

    [Fact]
    public void AnOutputWithoutRoom_IsSending()
    {
        var h = new DialogueHarness();
        h.Update(Speech.HelloIsOneTurn);
        h.SetRoom(false);
        h.Speak(Speech.Hello);
        h.Silence(700);
        h.Advance(300);
        Assert.Empty(h.Latencies);
        double waited = (h.Now - h.Single("response.created").At).TotalMilliseconds;
        h.SetRoom(true);
        Assert.Equal(waited, Assert.Single(h.Latencies).Sending.TotalMilliseconds);
        Assert.Equal(0, h.Latencies[0].Recognition.TotalMilliseconds);
    }

    [Fact]
    public void APushedTurn_HasNoSilenceBeforeIt()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.Speak(Speech.Hello);
        h.Send("""{"type":"input_audio_buffer.commit"}""");
        h.Send("""{"type":"response.create"}""");
        h.RunUntilDone();
        Assert.Null(Assert.Single(h.Latencies).Silence);
    }
}

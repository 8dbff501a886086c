using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class PacingTests
{
    private const string TenSeconds = """{"turns":[{"reply":[{"say":"one two three","ms":10000}]}]}""";

    private static OutputPace Pace(double speed, int lead, int delta, int burst, int jitter = 0) => new(
        speed, TimeSpan.FromMilliseconds(lead), TimeSpan.FromMilliseconds(delta), burst, TimeSpan.FromMilliseconds(jitter));

    [Theory]
    [InlineData(1, 400, 100, 2)]
    [InlineData(4, 400, 100, 2)]
    [InlineData(2, 0, 20, 1)]
    [InlineData(10, 1000, 250, 4)]
    [InlineData(0.5, 100, 100, 1)]
    public void Audio_LeavesWithItsLeadThenInBurstsAtItsSpeed(double speed, int lead, int delta, int burst)
    {
        var h = new DialogueHarness(DialogueHarness.Script(TenSeconds), pace: Pace(speed, lead, delta, burst));
        h.Send("""{"type":"response.create"}""");
        h.RunUntilDone();
        Assert.All(h.Pieces.SkipLast(1), piece => Assert.Equal(delta, piece.Milliseconds));
        Assert.Equal(10_000, h.Pieces.Sum(p => p.Milliseconds));

        var bursts = h.Pieces.GroupBy(p => p.At).OrderBy(g => g.Key).ToList();
        Assert.Equal(Math.Max(lead / delta * delta, delta), bursts[0].Sum(p => p.Milliseconds));
        Assert.All(bursts.Skip(1).SkipLast(1), b => Assert.Equal(burst, b.Count()));
        double sent = 0;
        foreach (var b in bursts)
        {
            sent += b.Sum(p => p.Milliseconds);
            double allowed = Math.Max(lead + (b.Key.TotalMilliseconds * speed), delta) + 0.01;
            Assert.True(sent <= allowed, $"{sent} ms sent at {b.Key}, {allowed} allowed");
            Assert.True(sent >= Math.Min(10_000, allowed - (delta * burst) - delta), $"only {sent} ms sent at {b.Key}, {allowed} allowed");
        }

        h.CheckFlow();
    }

    [Fact]
    public void Jitter_IsTheSameForTheSameSeedAndOtherForAnother()
    {
        List<TimeSpan> Times(int seed)
        {
            var h = new DialogueHarness(DialogueHarness.Script(TenSeconds), pace: Pace(4, 200, 100, 1, 50), seed: seed);
            h.Send("""{"type":"response.create"}""");
            h.RunUntilDone();
            h.CheckFlow();
            return h.Pieces.ConvertAll(p => p.At);
        }

        var one = Times(1);
        Assert.Equal(one, Times(1));
        Assert.NotEqual(one, Times(2));
    }

    [Fact]
    public void NoRoom_StopsAudioButNotEvents_AndNothingIsLost()
    {
        var h = new DialogueHarness(DialogueHarness.Script(TenSeconds));
        h.Send("""{"type":"response.create"}""");
        h.Advance(300);
        h.SetRoom(false);
        h.Advance(300);
        int pieces = h.Pieces.Count;
        h.Advance(5000);
        Assert.Equal(pieces, h.Pieces.Count);
        h.CreateText("events flow");
        h.Update("\"instructions\":\"still\"");
        Assert.Empty(h.Of("response.done"));
        h.SetRoom(true);
        h.RunUntilDone();
        Assert.Equal(10_000 * 48, h.Audio(h.Single("response.done").Text("response.output.0.id")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void NoRoom_FromTheStart_StillAnnouncesTheResponseAndCanBeCancelled()
    {
        var h = new DialogueHarness(DialogueHarness.Script(TenSeconds));
        h.SetRoom(false);
        h.Send("""{"type":"response.create"}""");
        Assert.Single(h.Of("response.content_part.added"));
        Assert.Empty(h.Pieces);
        h.Send("""{"type":"response.cancel"}""");
        Assert.Equal("cancelled", h.Single("response.done").Text("response.status"));
        h.CheckFlow();
    }

    [Fact]
    public void OutputThatTakesOnePieceAtATime_GetsAllOfThem()
    {
        var h = new DialogueHarness(DialogueHarness.Script(TenSeconds));
        h.SetRoom(false);
        h.Send("""{"type":"response.create"}""");
        for (int i = 0; i < 200 && !h.Of("response.done").Any(); i++)
        {
            h.Advance(100);
            h.Dialogue.OutputHasRoom(h.Now);
            Assert.True(h.Pieces.Count <= i + 1);
        }

        Assert.Equal(10_000 * 48, h.Audio(h.Single("response.done").Text("response.output.0.id")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void SpeechAfterAPause_HasALeadAgainAndNoMore()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"one","ms":1000},{"wait_ms":5000},{"say":"two","ms":10000}]}]}"""), pace: Pace(1, 400, 100, 2));
        h.Send("""{"type":"response.create"}""");
        h.RunUntilDone();
        var second = h.Pieces.Where(p => p.SampleOffset >= 24_000).GroupBy(p => p.At).OrderBy(g => g.Key).ToList();
        Assert.Equal(400, second[0].Sum(p => p.Milliseconds));
        Assert.Single(h.Of("response.output_item.added"));
        Assert.Equal("one two", h.Single("response.output_audio_transcript.done").Text("transcript"));
        h.CheckFlow();
    }

    [Fact]
    public void LongAnswer_KeepsItsPositionsWhenOlderAudioIsDropped()
    {
        var h = new DialogueHarness(
            DialogueHarness.Script("""{"turns":[{"reply":[{"say":"one","ms":3000},{"wait_ms":1000},{"say":"two","ms":3000}]}]}"""),
            new LocalEngineOptions { RetainedAudioSeconds = 2 });
        h.Send("""{"type":"response.create"}""");
        h.Advance(1200);
        h.CreateText("makes the conversation look at what it keeps");
        Assert.Equal("completed", h.RunUntilDone().Text("response.status"));
        string id = h.Single("response.done").Text("response.output.0.id")!;
        Assert.Equal(6000 * 48, h.Audio(id).Length);
        Assert.Equal("conversation.item.truncated", Assert.Single(h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{id}}","content_index":0,"audio_end_ms":5999}""")).Type);
        h.CheckFlow();
    }

    [Theory]
    [InlineData(1, 0, 10, 1)]
    [InlineData(1000, 0, 10, 1)]
    [InlineData(4, 400, 100, 2)]
    public void WakeUps_AreBounded(double speed, int lead, int delta, int burst)
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"x","ms":60000}]}]}"""), pace: Pace(speed, lead, delta, burst));
        h.Send("""{"type":"response.create"}""");
        h.Advance(10_000);
        Assert.True(h.WakeUps <= 10 * 1000, $"{h.WakeUps} in 10 s");
        h.CheckFlow(complete: false);
    }

    [Fact]
    public void Time_ThatJumpsOrRunsBackwards_BreaksNothing()
    {
        var h = new DialogueHarness(DialogueHarness.Script(TenSeconds));
        h.Send("""{"type":"response.create"}""");
        h.Dialogue.AdvanceTo(TimeSpan.FromSeconds(5));
        h.Dialogue.AdvanceTo(TimeSpan.FromSeconds(1));
        h.Dialogue.AdvanceTo(TimeSpan.FromMinutes(30));
        Assert.Equal("completed", h.Single("response.done").Text("response.status"));
        h.CheckFlow();
    }
}

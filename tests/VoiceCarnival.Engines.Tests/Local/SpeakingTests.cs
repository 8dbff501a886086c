using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>Text becomes speech, sentence by sentence.</summary>
public sealed class SpeakingTests
{
    private readonly StepBrain _brain = new();
    private readonly HandVoice _voice = new();
    private readonly DialogueHarness _h;

    public SpeakingTests() => _h = new DialogueHarness(_brain, voice: _voice);

    private string Item => _h.Single("response.output_item.added").Text("item.id")!;

    private void Ask() => _h.Send("""{"type":"response.create"}""");

    private string Transcript => string.Concat(_h.Of("response.output_audio_transcript.delta").Select(e => e.Text("delta")));

    [Fact]
    public void Text_IsSpokenSentenceBySentence_OneAhead()
    {
        Ask();
        _brain.Say(_h, "First sentence he");
        Assert.Empty(_voice.Asked);
        _brain.Say(_h, "re. Second one. Third one. And a");
        Assert.Equal(["First sentence here. "], _voice.Texts);
        _voice.Asked[0].Finish(_h);
        // While the first is heard, the second is made, and no other.
        Assert.Equal(["First sentence here. ", "Second one. "], _voice.Texts);
        _voice.Asked[1].Finish(_h);
        _h.Advance(1000);
        Assert.Equal(3, _voice.Asked.Count);
        _voice.Asked[2].Finish(_h);
        _brain.Say(_h, " fourth");
        _brain.Complete(_h);
        _h.Advance(1000);
        Assert.Equal("And a fourth", _voice.Texts.Last());
        _voice.Asked[3].Finish(_h);
        var done = _h.RunUntilDone();
        Assert.Equal("completed", done.Text("response.status"));
        Assert.Equal("First sentence here. Second one. Third one. And a fourth", done.Text("response.output.0.content.0.transcript"));
        Assert.Equal(Transcript, done.Text("response.output.0.content.0.transcript"));
        Assert.Equal("output_audio", done.Text("response.output.0.content.0.type"));
        Assert.Equal(10 * HandVoice.MillisecondsPerWord * 48, _h.Audio(Item).Length);
        _h.CheckFlow();
    }

    [Fact]
    public void Words_ComeWithTheirAudio()
    {
        Ask();
        _brain.Say(_h, "one two three four five six seven eight nine ten");
        _brain.Complete(_h);
        _voice.Asked[0].Finish(_h);
        _h.RunUntilDone();
        long bytes = 0;
        string said = string.Empty;
        foreach (var e in _h.Events)
        {
            if (e.Type == "response.output_audio_transcript.delta")
                said += e.Text("delta");
            if (e.Type != "response.output_audio.delta")
                continue;
            bytes = Math.Min(bytes + (100 * 48), _h.Audio(Item).Length);
            int begun = (int)Math.Ceiling(bytes / 48.0 / HandVoice.MillisecondsPerWord);
            Assert.Equal(begun, said.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        }

        _h.CheckFlow();
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(149, "")]
    [InlineData(150, "one")]
    [InlineData(700, "one two")]
    [InlineData(1300, "one two three. Four")]
    [InlineData(1800, "one two three. Four five six")]
    public void Truncation_CutsAtTheWordThatWasHeard(int heardMs, string heard)
    {
        Ask();
        _brain.Say(_h, "one two three. Four five six");
        _brain.Complete(_h);
        _voice.Asked[0].Finish(_h);
        _h.Advance(500);
        _voice.Asked[1].Finish(_h);
        _h.RunUntilDone();
        _h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{Item}}","content_index":0,"audio_end_ms":{{heardMs}}}""");
        var item = _h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{Item}}"}""")[0];
        Assert.Equal(heard, item.Text("item.content.0.transcript"));
        Assert.Equal(heardMs * 48, Convert.FromBase64String(item.Text("item.content.0.audio") ?? string.Empty).Length);
        _h.CheckFlow();
    }

    [Fact]
    public void WithoutTimes_WordsAreSpreadOverTheAudio()
    {
        Ask();
        _brain.Say(_h, "aaaa bbbb cccc dddd");
        _brain.Complete(_h);
        _voice.Asked[0].Finish(_h, withWords: false);
        _h.RunUntilDone();
        _h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{Item}}","content_index":0,"audio_end_ms":600}""");
        Assert.Equal("aaaa bbbb", _h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{Item}}"}""")[0].Text("item.content.0.transcript"));
        _h.CheckFlow();
    }

    [Fact]
    public void BargeIn_StopsTheVoiceAtOnce_AndKeepsWhatWasSaid()
    {
        _h.Update(Speech.HelloIsOneTurn);
        Ask();
        _brain.Say(_h, "One two three four five six seven eight nine ten eleven twelve. Another sentence. And one more.");
        _voice.Asked[0].Finish(_h);
        Assert.Equal(2, _voice.Asked.Count);
        _h.Speak(Speech.Hello[..24_000]);
        var done = _h.Single("response.done");
        Assert.Equal("turn_detected", done.Text("response.status_details.reason"));
        Assert.True(_voice.Asked[1].IsStopped);
        Assert.True(_brain.Plan.IsComplete);
        int pieces = _h.Pieces.Count;
        // What was on its way comes to nothing.
        _voice.Asked[1].Finish(_h);
        _brain.Say(_h, "More.");
        _h.Advance(1000);
        Assert.Equal(pieces, _h.Pieces.Count);
        Assert.Equal(Transcript, done.Text("response.output.0.content.0.transcript"));
        Assert.StartsWith("One two three", Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("Another", Transcript, StringComparison.Ordinal);
        Assert.Equal(2, _voice.Asked.Count);
        _h.CheckFlow();
    }

    [Fact]
    public void ACallAfterText_WaitsUntilTheTextWasSaid()
    {
        Ask();
        _h.Run(() => _brain.Plan.Add(new TextStep("Let me look")).Add(new CallStep("look", "{}")).Complete());
        Assert.DoesNotContain("response.function_call_arguments.done", _h.Types);
        _voice.Asked[0].Finish(_h);
        var done = _h.RunUntilDone();
        Assert.Equal("message", done.Text("response.output.0.type"));
        Assert.Equal("function_call", done.Text("response.output.1.type"));
        _h.CheckFlow();
    }

    [Fact]
    public void APhone_IsSpokenToInItsFormat()
    {
        _h.Update("\"audio\":{\"output\":{\"format\":{\"type\":\"audio/pcmu\"},\"voice\":\"ash\",\"speed\":1.2}}");
        Ask();
        _brain.Say(_h, "Hello there.");
        _brain.Complete(_h);
        Assert.Equal(8, _voice.Asked[0].Format.BytesPerMillisecond);
        Assert.Equal("ash", _voice.Asked[0].Settings.Voice);
        Assert.Equal(1.2, _voice.Asked[0].Settings.Speed);
        _voice.Asked[0].Finish(_h);
        _h.RunUntilDone();
        Assert.Equal(600 * 8, _h.Audio(Item).Length);
        _h.CheckFlow();
    }

    [Fact]
    public void TextModality_IsWritten()
    {
        _h.Send("""{"type":"response.create","response":{"output_modalities":["text"]}}""");
        _brain.Say(_h, "Hello. There.");
        _brain.Complete(_h);
        Assert.Equal("Hello. There.", _h.RunUntilDone().Text("response.output.0.content.0.text"));
        Assert.Empty(_voice.Asked);
        _h.CheckFlow();
    }

    [Fact]
    public void AVoiceThatFails_FailsTheResponseWithTheReason()
    {
        Ask();
        _brain.Say(_h, "Hello.");
        _brain.Complete(_h);
        _h.Run(() => _voice.Asked[0].Sink.Fail("No such voice."));
        var done = _h.RunUntilDone();
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal("speech_synthesis_failed", done.Text("response.status_details.error.code"));
        Assert.Equal("No such voice.", done.Text("response.status_details.error.message"));
        Assert.Equal("speech_synthesis_failed", _h.Single("error").Text("error.code"));
        Assert.Equal(string.Empty, done.Text("response.output.0.content.0.transcript"));
        _h.CheckFlow();
    }

    [Fact]
    public void AVoiceThatFailsInTheMiddle_WasHeardThatFar()
    {
        Ask();
        _brain.Say(_h, "One two three four five six seven eight.");
        _brain.Complete(_h);
        var sink = _voice.Asked[0].Sink;
        _h.Run(() => sink.Add(new byte[24_000 * 2 / 2]));
        _h.Run(() => sink.Fail("Cut."));
        string transcript = _h.RunUntilDone().Text("response.output.0.content.0.transcript")!;
        Assert.StartsWith("One ", transcript);
        Assert.DoesNotContain("five", transcript);
        _h.CheckFlow();
    }

    [Fact]
    public void SoundThatComesInPieces_LeavesAsItComes()
    {
        Ask();
        _brain.Say(_h, "A sentence from far away.");
        _brain.Complete(_h);
        var sink = _voice.Asked[0].Sink;
        _h.Run(() => sink.Add(new byte[4801 * 2]));
        Assert.Equal(4801 * 2, _h.Pieces.Sum(piece => piece.Samples * 2));
        _h.Advance(5000);
        Assert.Empty(_h.Of("response.done"));
        _h.Run(() => sink.Add(new byte[9600]));
        _h.Run(sink.Complete);
        Assert.Equal("A sentence from far away.", _h.RunUntilDone().Text("response.output.0.content.0.transcript"));
        Assert.Equal((4801 * 2) + 9600, _h.Audio(Item).Length);
        _h.CheckFlow();
    }

    [Fact]
    public void MaxOutputTokens_EndsSpeech()
    {
        _h.Send("""{"type":"response.create","response":{"max_output_tokens":20}}""");
        _brain.Say(_h, "one two three four five six seven eight.");
        _brain.Complete(_h);
        _voice.Asked[0].Finish(_h);
        var done = _h.RunUntilDone();
        Assert.Equal("incomplete", done.Text("response.status"));
        Assert.Equal(1000 * 48, _h.Audio(Item).Length);
        Assert.Equal("one two three four ", Transcript);
        _h.CheckFlow();
    }

    [Fact]
    public void ATextOfAnyLength_IsTaken_AndSpokenForAsLongAsAnybodyListens()
    {
        Ask();
        _brain.Say(_h, string.Concat(Enumerable.Repeat("A few words. ", 1_000_000)));
        _brain.Complete(_h);
        Assert.Equal("A few words. ", Assert.Single(_voice.Texts));
        int spoken = 0;
        _h.Forget(); // what is long ago, so that the test remembers little
        while (spoken < _voice.Asked.Count)
        {
            var sink = _voice.Asked[spoken++].Sink;
            _h.Run(sink.Complete);
        }

        Assert.Equal(100_000 / 13, spoken - 1);
        Assert.Equal("completed", _h.Single("response.done").Text("response.status"));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(6, 0)]
    public void OfALongAnswer_NoMoreSoundIsKeptThanTheConversationMay(int sentences, int keptSeconds)
    {
        var h = new DialogueHarness(_brain, new LocalEngineOptions { RetainedAudioSeconds = 5 }, voice: _voice);
        h.Send("""{"type":"response.create"}""");
        _brain.Say(h, string.Concat(Enumerable.Repeat("A sentence. ", sentences)));
        _brain.Complete(h);
        for (int i = 0; i < sentences; i++)
        {
            var sink = _voice.Asked[i].Sink;
            h.Run(() => sink.Add(new byte[48_000]));
            h.Run(sink.Complete);
            h.Advance(2000);
        }

        string item = h.Single("response.done").Text("response.output.0.id")!;
        Assert.Equal(sentences * 48_000, h.Audio(item).Length);
        var kept = h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{item}}"}""")[0];
        Assert.Equal(keptSeconds * 48_000, Convert.FromBase64String(kept.Text("item.content.0.audio") ?? string.Empty).Length);
        // It can be cut all the same.
        h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{item}}","content_index":0,"audio_end_ms":1000}""");
        Assert.Equal("A sentence.", h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{item}}"}""")[0].Text("item.content.0.transcript"));
        h.CheckFlow();
    }

    [Fact]
    public void WordsThatTheVoiceLeavesOut_AreNotSaidToHaveBeenSaid()
    {
        Ask();
        _brain.Say(_h, "The word мир means peace 你好.");
        _brain.Complete(_h);
        var asked = _voice.Asked[0];
        _h.Run(() =>
        {
            asked.Sink.AddWords([.. asked.Words.Select((word, i) => i is 2 or 5 ? word with { IsLeftOut = true } : word)]);
            asked.Sink.Add(new byte[6 * HandVoice.MillisecondsPerWord * 48]);
            asked.Sink.Complete();
        });
        var done = _h.RunUntilDone();
        Assert.Equal("The word means peace ", done.Text("response.output.0.content.0.transcript"));
        Assert.Equal(Transcript, done.Text("response.output.0.content.0.transcript"));
        // "means" lies where it lay before.
        _h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{Item}}","content_index":0,"audio_end_ms":1060}""");
        Assert.Equal("The word means", _h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{Item}}"}""")[0].Text("item.content.0.transcript"));
        _h.CheckFlow();
    }
}

using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>What the caller says becomes words.</summary>
public sealed class HearingTests
{
    private const string Prefix = "conversation.item.input_audio_transcription.";
    private const string Transcribed = "\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\",\"language\":\"en\",\"prompt\":\"Names: Ada.\"},\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}";

    private readonly StepBrain _brain = new(needsWords: true);
    private readonly HandRecognizer _recognizer = new();
    private readonly DialogueHarness _h;

    public HearingTests() => _h = new DialogueHarness(_brain, recognizer: _recognizer);

    private IEnumerable<string> Deltas => _h.Of(Prefix + "delta").Select(e => e.Text("delta")!);

    [Fact]
    public void Words_ComeWhileSpeaking_AndTheWholeAfterwards()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Question[..36_000]);
        var turn = Assert.Single(_recognizer.Turns);
        Assert.Equal(("en", "Names: Ada."), (turn.Hints.Language, turn.Hints.Prompt));
        turn.Understand(_h, "what");
        turn.Understand(_h, "what is");
        turn.Understand(_h, "what is the");
        Assert.Equal(["what"], Deltas);
        _h.Speak(Speech.Question[36_000..]);
        turn.Understand(_h, "what is the whether");
        turn.Understand(_h, "what is the weather like");
        Assert.Equal("what is the", string.Concat(Deltas));
        _h.Silence(700);
        Assert.True(turn.IsFinished);
        string item = _h.Single("input_audio_buffer.committed").Text("item_id")!;
        turn.Understand(_h, "what is the weather like today"); // too late to be told
        turn.Understand(_h, "what is the weather like today then");
        turn.Complete(_h, "what is the weather like");
        var completed = _h.Single(Prefix + "completed");
        Assert.Equal(item, completed.Text("item_id"));
        Assert.Equal("what is the weather like", completed.Text("transcript"));
        Assert.Equal("what is the weather like", string.Concat(Deltas));
        Assert.All(_h.Of(Prefix + "delta"), e => Assert.Equal(item, e.Text("item_id")));
        // It heard what is in the item, to the millisecond.
        Assert.Equal(_brain.Asked[0].Request.Context[^1].Content[0].AudioMilliseconds, (long)turn.Milliseconds);
        Finish();
    }

    [Fact]
    public void AWholeThatIsUnderstoodOtherwise_ReplacesWhatWasTold()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Question);
        _recognizer.Last.Understand(_h, "wet is");
        _recognizer.Last.Understand(_h, "wet is a");
        _recognizer.Last.Understand(_h, "what is the");
        Assert.Equal(["wet"], Deltas);
        _h.Silence(700);
        _recognizer.Last.Complete(_h, "what is the weather");
        Assert.Equal(["wet"], Deltas);
        Assert.Equal("what is the weather", _h.Single(Prefix + "completed").Text("transcript"));
        Finish();
    }

    [Fact]
    public void TheBrain_IsAskedOnceTheWordsAreThere()
    {
        _h.Update(Speech.HelloIsOneTurn);
        _h.Speak(Speech.Hello);
        _h.Silence(700);
        Assert.Single(_h.Of("response.created"));
        Assert.Empty(_brain.Asked);
        _h.Advance(200);
        _recognizer.Last.Complete(_h, "hello");
        Assert.Equal("hello", Assert.Single(_brain.Asked).Request.Context[^1].Text);
        // Nobody asked for transcripts.
        Assert.DoesNotContain(_h.Types, type => type.StartsWith(Prefix, StringComparison.Ordinal));
        Finish();
    }

    [Fact]
    public void PushToTalk_IsTranscribedWhole_BeforeTheAnswer()
    {
        _h.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\"},\"turn_detection\":null}}");
        _h.Speak(Speech.Hello);
        _h.Send("""{"type":"input_audio_buffer.commit"}""");
        _h.Send("""{"type":"response.create"}""");
        Assert.Empty(_brain.Asked);
        Assert.InRange(_recognizer.Last.Milliseconds, Speech.Hello.Length / 24 - 20, Speech.Hello.Length / 24 + 20);
        _recognizer.Last.Complete(_h, "hello");
        Assert.Equal(["hello"], Deltas);
        Assert.Equal("hello", _brain.Asked[0].Request.Context[^1].Text);
        Finish();
    }

    [Fact]
    public void AudioThatComesAsAnItem_IsTranscribedForTheBrain()
    {
        _h.Send($$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_audio","audio":"{{Convert.ToBase64String(new byte[9600])}}"}]} }""");
        Assert.Empty(_recognizer.Turns);
        _h.Send("""{"type":"response.create"}""");
        _recognizer.Last.Complete(_h, "typed in sound");
        Assert.Equal("typed in sound", _brain.Asked[0].Request.Context[^1].Text);
        Finish();
    }

    [Fact]
    public void TheCallerGoingOn_WhileTheWordsAreAwaited_CancelsTheAnswerOnly()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        _h.Silence(700);
        var first = _recognizer.Last;
        _h.Speak(Speech.Question);
        Assert.Equal("turn_detected", _h.Single("response.done").Text("response.status_details.reason"));
        first.Complete(_h, "hello");
        _h.Silence(700);
        _recognizer.Last.Complete(_h, "what is the weather");
        // It was interrupted before it was asked.
        Assert.Equal(["hello", "what is the weather"], Assert.Single(_brain.Asked).Request.Context.Select(item => item.Text));
        Finish();
    }

    [Fact]
    public void AClearedTurn_IsForgotten()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello[..20_000]);
        _h.Send("""{"type":"input_audio_buffer.clear"}""");
        Assert.True(_recognizer.Last.IsStopped);
        Assert.Empty(_brain.Asked);
        _h.CheckFlow();
    }

    [Theory]
    [InlineData("high", "turn the light off", 450)]
    [InlineData("high", "turn the", 2000)]
    [InlineData("auto", "turn the light off", 700)]
    [InlineData("auto", "i want to", 4000)]
    [InlineData("low", "turn the light off", 1200)]
    [InlineData("low", "and then", 1200)]
    [InlineData("auto", null, 1000)]
    public void SemanticDetection_WaitsForUnfinishedSentences(string eagerness, string? soFar, int expectedMs)
    {
        _h.Update($$"""
            "audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"{{eagerness}}"} } }
            """);
        _h.Speak(Speech.Hello[..^9_600]); // without most of the silence that the file ends with
        if (soFar is not null)
            _recognizer.Last.Understand(_h, soFar);
        var before = _h.Now;
        while (!_h.Types.Contains("input_audio_buffer.speech_stopped"))
        {
            _h.Silence(20);
            Assert.True(_h.Now - before < TimeSpan.FromSeconds(10));
        }

        Assert.InRange((_h.Now - before).TotalMilliseconds, expectedMs - 200, expectedMs + 100);
    }

    [Fact]
    public void WhatWasToldOfATurn_IsNotToldAgain_WhenTheNextBeganMeanwhile()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        var first = _recognizer.Last;
        first.Understand(_h, "hello my");
        first.Understand(_h, "hello my friend");
        _h.Silence(700);
        string item = _h.Single("input_audio_buffer.committed").Text("item_id")!;
        _h.Speak(Speech.Question);
        first.Complete(_h, "hello my friend");
        Assert.Equal("hello my friend", string.Concat(_h.Of(Prefix + "delta").Where(e => e.Text("item_id") == item).Select(e => e.Text("delta"))));
        _h.Silence(700);
        _recognizer.Last.Complete(_h, "what");
        Finish();
    }

    private void Finish()
    {
        if (_brain.Asked.Count > 0)
            _brain.Complete(_h);
        _h.RunUntilDone();
        _h.CheckFlow();
    }
}

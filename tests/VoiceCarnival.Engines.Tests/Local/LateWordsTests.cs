using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>A recogniser that fails, is behind, or does not answer at all: what the caller is told, and how long the answer waits.</summary>
public sealed class LateWordsTests
{
    private const string Prefix = "conversation.item.input_audio_transcription.";
    private const string Transcribed = "\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\",\"language\":\"en\",\"prompt\":\"Names: Ada.\"},\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}";

    private readonly StepBrain _brain = new(needsWords: true);
    private readonly HandRecognizer _recognizer = new();
    private readonly DialogueHarness _h;

    public LateWordsTests() => _h = new DialogueHarness(_brain, recognizer: _recognizer);

    [Fact]
    public void AFailure_IsToldToWhoAskedForNoTranscripts_WhereTheAnswerHangsOnTheWords()
    {
        _h.Update(Speech.HelloIsOneTurn);
        _h.Speak(Speech.Hello);
        _h.Silence(700);
        _recognizer.Last.Complete(_h, null, "The server for speech recognition answered with status 500.");
        var error = _h.Single("error");
        Assert.Equal("transcription_failed", error.Text("error.code"));
        Assert.Equal("The server for speech recognition answered with status 500.", error.Text("error.message"));
        Assert.DoesNotContain(Prefix + "failed", _h.Types);
        Assert.Single(_brain.Asked);
        Finish();
    }

    [Fact]
    public void AFailure_IsNoErrorWhereNobodyNeedsTheWords()
    {
        var recognizer = new HandRecognizer();
        var h = new DialogueHarness(new StepBrain(), recognizer: recognizer);
        h.Speak(Speech.Hello);
        h.Silence(700);
        Assert.DoesNotContain("error", h.Types);
        Assert.Empty(recognizer.Turns);
    }

    [Fact]
    public void AFailureOnAudioThatCameAsAnItem_IsAnErrorEvent()
    {
        _h.Send($$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_audio","audio":"{{Convert.ToBase64String(new byte[9600])}}"}]} }""");
        _h.Send("""{"type":"response.create"}""");
        _recognizer.Last.Complete(_h, null, "Too long.");
        Assert.Equal("Too long.", _h.Single("error").Text("error.message"));
        Finish();
    }

    [Fact]
    public void AFailure_IsTold_AndTheBrainIsAskedNevertheless()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        _h.Silence(700);
        _recognizer.Last.Complete(_h, null, "All decoders are busy.");
        Assert.Equal("All decoders are busy.", _h.Single(Prefix + "failed").Text("error.message"));
        Assert.Equal(string.Empty, _brain.Asked[0].Request.Context[^1].Text);
        Finish();
    }

    [Fact]
    public void ARecogniserThatNeverAnswers_IsGivenUp()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        _h.Silence(700);
        var failed = _h.RunUntil(Prefix + "failed", 60_000);
        Assert.Equal("transcription_timeout", failed.Text("error.code"));
        Assert.True(_recognizer.Last.IsStopped);
        Assert.Single(_brain.Asked);
        Finish();
    }

    [Fact]
    public void AWholeThatTakesTooLong_IsNotWaitedFor_WhereWordsWereUnderstoodBefore()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        _recognizer.Last.Understand(_h, "hello");
        _h.Silence(700);
        Assert.Empty(_brain.Asked);
        var completed = _h.RunUntil(Prefix + "completed", 4_500);
        Assert.Equal("hello", completed.Text("transcript"));
        Assert.True(_recognizer.Last.IsStopped);
        Assert.Equal("hello", Assert.Single(_brain.Asked).Request.Context[^1].Text);
        Finish();
    }

    [Fact]
    public void ARecogniserThatIsBehind_IsWaitedForWhileWordsStillCome()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        _recognizer.Last.Understand(_h, "what");
        _h.Silence(3000);
        _recognizer.Last.Understand(_h, "what is the");
        _h.Silence(3000);
        _recognizer.Last.Understand(_h, "what is the weather");
        _h.Silence(3000);
        Assert.Empty(_brain.Asked);
        Assert.Equal("what is the weather", _h.RunUntil(Prefix + "completed", 4_500).Text("transcript"));
        Assert.Equal("what is the weather", Assert.Single(_brain.Asked).Request.Context[^1].Text);
        Finish();
    }

    [Fact]
    public void ARecogniserThatGoesOn_IsWaitedFor_ButNotUntilTheCallerSaysItAgain()
    {
        _h.Update(Transcribed);
        _h.Speak(Speech.Hello);
        _recognizer.Last.Understand(_h, "what is the");
        _h.Silence(700);
        for (int second = 0; second < 9; second++)
        {
            Assert.Empty(_brain.Asked);
            _h.Advance(1000);
            _recognizer.Last.Understand(_h, "what is the");
        }

        Assert.Equal("what is the", _h.RunUntil(Prefix + "completed", 1_500).Text("transcript"));
        Finish();
    }

    [Fact]
    public void CallersWhoCommitFasterThanItWorks_AreTold()
    {
        _h.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\"},\"turn_detection\":null}}");
        for (int i = 0; i < 20; i++)
        {
            _h.SendAudioAtOnce(new byte[4800]);
            _h.Send("""{"type":"input_audio_buffer.commit"}""");
        }

        Assert.InRange(_recognizer.Turns.Count, 4, 8);
        Assert.All(_h.Of(Prefix + "failed"), e => Assert.Equal("transcription_overloaded", e.Text("error.code")));
        Assert.Equal(20, _recognizer.Turns.Count + _h.Of(Prefix + "failed").Count());
        foreach (var turn in _recognizer.Turns)
            turn.Complete(_h, "x");
        _h.CheckFlow();
    }

    private void Finish()
    {
        if (_brain.Asked.Count > 0)
            _brain.Complete(_h);
        _h.RunUntilDone();
        _h.CheckFlow();
    }
}

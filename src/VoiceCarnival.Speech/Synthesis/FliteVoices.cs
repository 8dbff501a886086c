using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>flite's English voices, in this process and without a network; as many sentences are made at a time as there are processors.</summary>
internal sealed class FliteVoices : ISentenceVoice, IWarmUp
{
    private static readonly SemaphoreSlim Processors = new(Environment.ProcessorCount);

    public string Name => "flite";

    public async Task<SpokenSentence> SpeakAsync(string text, SpeechStyle style, CancellationToken cancellationToken)
    {
        if (!style.IsEnglish)
            throw new ModelServiceException(ModelServiceException.Synthesis, "language_unsupported", $"The language '{style.Language}' is not spoken here: flite's voices speak English. Where espeak-ng is installed, it speaks the others.");
        await Processors.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Speak(text, style, cancellationToken), cancellationToken);
        }
        finally
        {
            Processors.Release();
        }
    }

    public void WarmUp() => Speak("Hello.", new SpeechStyle(null, "en", 1), CancellationToken.None);

    private static SpokenSentence Speak(string text, SpeechStyle style, CancellationToken cancellationToken)
    {
        string plain = PlainText.Of(text);
        // flite gives no sound at all for text without a letter or digit.
        if (!plain.Any(char.IsAsciiLetterOrDigit))
            return SpokenSentence.Silent;
        try
        {
            // Side by side, so that the times of the words cost the first sound nothing where there is a second processor.
            var words = WordTimes.WordsOf(text);
            FliteSpeech? speech = null, apart = null;
            Parallel.Invoke(
                () => speech = FliteProgram.Speak(FliteVoice.For(style.Voice), plain, style.Speed, cancellationToken),
                () => apart = FliteProgram.Speak(FliteVoice.Kal, WordTimes.Apart(text, words), 1, cancellationToken));
            return new SpokenSentence(speech!.Samples, speech.SampleRate, WordTimes.Align(words, speech.Phones, apart!.Phones));
        }
        catch (AggregateException exception) when (exception.InnerExceptions.Any(static inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException("The sentence was cancelled.", exception, cancellationToken);
        }
        catch (AggregateException exception)
        {
            throw new ModelServiceException(ModelServiceException.Synthesis, "synthesis_failed", "The synthesiser failed on this text.", exception);
        }
    }
}

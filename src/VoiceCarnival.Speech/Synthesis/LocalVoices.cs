namespace VoiceCarnival.Speech.Synthesis;

/// <summary>English by one, every other language by another: also sentences whose letters tell that they are not English, whatever the language that was set.</summary>
internal sealed class LocalVoices(ISentenceVoice english, ISentenceVoice others) : ISentenceVoice
{
    public string Name => english.Name;

    public IAsyncEnumerable<SpokenPiece> SpeakAsync(string text, SpeechStyle style, CancellationToken cancellationToken)
    {
        if (style.IsEnglish && Scripts.LanguageOf(text) is { } language)
            style = style with { Language = language };
        return (style.IsEnglish ? english : others).SpeakAsync(text, style, cancellationToken);
    }
}

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>English by one, every other language by another: also sentences, and words within one, whose letters tell that they are not English, whatever the language that was set.</summary>
internal sealed class LocalVoices(ISentenceVoice english, ISentenceVoice others) : ISentenceVoice
{
    public string Name => english.Name;

    public IEnumerable<string> Parts(string sentence, SpeechStyle style) => style.IsEnglish && Scripts.LanguageOf(sentence) is null ? Scripts.Parts(sentence) : [sentence];

    public IAsyncEnumerable<SpokenPiece> SpeakAsync(string text, SpeechStyle style, CancellationToken cancellationToken)
    {
        if (style.IsEnglish && Scripts.LanguageOf(text) is { } language)
            style = style with { Language = language };
        return (style.IsEnglish ? english : others).SpeakAsync(text, style, cancellationToken);
    }
}

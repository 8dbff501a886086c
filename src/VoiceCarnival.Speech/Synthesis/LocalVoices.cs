namespace VoiceCarnival.Speech.Synthesis;

/// <summary>English by one, every other language by another.</summary>
internal sealed class LocalVoices(ISentenceVoice english, ISentenceVoice others) : ISentenceVoice
{
    public string Name => english.Name;

    public IAsyncEnumerable<SpokenPiece> SpeakAsync(string text, SpeechStyle style, CancellationToken cancellationToken) =>
        (style.IsEnglish ? english : others).SpeakAsync(text, style, cancellationToken);
}

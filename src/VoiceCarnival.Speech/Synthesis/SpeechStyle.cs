namespace VoiceCarnival.Speech.Synthesis;

/// <summary>How to speak.</summary>
/// <param name="Voice">OpenAI's name of a voice, or the synthesiser's own; null for whichever.</param>
/// <param name="Language">A language tag such as <c>fr</c> or <c>pt-BR</c>.</param>
/// <param name="Speed">Times the voice's own speed, 0.25 to 4.</param>
internal sealed record SpeechStyle(string? Voice, string Language, double Speed)
{
    public bool IsEnglish => Language is "en" || Language.StartsWith("en-", StringComparison.OrdinalIgnoreCase) || Language.StartsWith("en_", StringComparison.OrdinalIgnoreCase);
}

namespace VoiceCarnival.Audio.Speech;

/// <summary>Words that a recogniser may expect: names, terms, what was said before. A client that can use them finds them in the additional properties of its options.</summary>
public static class RecognitionPrompt
{
    /// <summary>Name of the additional property; its value is a string.</summary>
    public const string Key = "prompt";
}

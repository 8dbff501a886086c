namespace VoiceCarnival.Speech.Synthesis;

/// <summary>flite's voices, as its module numbers them.</summary>
internal enum FliteVoice
{
    /// <summary>A woman from the United States; the voice of every name that is not known.</summary>
    Slt,

    /// <summary>A man from the United States.</summary>
    Rms,

    /// <summary>A man from Scotland.</summary>
    Awb,
}

/// <summary>Which of them speaks under a name.</summary>
internal static class FliteVoiceNames
{
    /// <summary>OpenAI's names, and flite's own.</summary>
    public static FliteVoice VoiceOf(string? name) => name switch
    {
        "ash" or "echo" or "onyx" or "verse" or "cedar" or "rms" => FliteVoice.Rms,
        "ballad" or "fable" or "awb" => FliteVoice.Awb,
        _ => FliteVoice.Slt,
    };
}

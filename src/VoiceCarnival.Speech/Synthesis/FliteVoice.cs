namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Which of flite's voices speaks under a name.</summary>
internal static class FliteVoice
{
    /// <summary>A woman from the United States; the voice of every name that is not known.</summary>
    public const string Slt = "slt";

    /// <summary>A man from the United States.</summary>
    public const string Rms = "rms";

    /// <summary>A man from Scotland.</summary>
    public const string Awb = "awb";

    /// <summary>The quickest and plainest voice, at 8 kHz: not to be heard, but to ask how words sound.</summary>
    public const string Kal = "kal";

    /// <summary>OpenAI's names, and flite's own.</summary>
    public static string For(string? name) => name switch
    {
        "ash" or "echo" or "onyx" or "verse" or "cedar" or Rms => Rms,
        "ballad" or "fable" or Awb => Awb,
        _ => Slt,
    };
}

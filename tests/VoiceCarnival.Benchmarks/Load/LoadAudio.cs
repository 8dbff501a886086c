namespace VoiceCarnival.Benchmarks.Load;

/// <summary>How a session sends its audio.</summary>
internal enum LoadAudio
{
    /// <summary>Raw PCM16 in binary frames.</summary>
    Binary,

    /// <summary>Base64 in append events, as OpenAI's clients do.</summary>
    Base64,

    /// <summary>Not at all.</summary>
    None,
}

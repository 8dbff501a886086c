namespace VoiceCarnival.Speech;

/// <summary>Something that takes a while the first time it is used.</summary>
internal interface IWarmUp
{
    /// <summary>Uses it once. Runs on a thread of the pool, one after the other.</summary>
    void WarmUp();

    /// <summary>
    /// True for what runs with every frame of every caller: it is used again a few times, until the compiler has made it for good. Else the first callers that come
    /// together would wait behind each other's frames.
    /// </summary>
    bool RunsPerFrame => false;
}

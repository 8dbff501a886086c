namespace VoiceCarnival.Speech;

/// <summary>Something that takes a while the first time it is used.</summary>
internal interface IWarmUp
{
    /// <summary>Uses it once. Runs on a thread of the pool, one after the other.</summary>
    void WarmUp();
}

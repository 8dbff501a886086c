namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// Makes words of speech, one utterance at a time, in steps that its owner takes when there is time for them: taking sound is cheap, searching for its words is what takes long. Not thread-safe. Samples are mono,
/// 16 kHz.
/// </summary>
internal interface ISpeechDecoder
{
    /// <summary>The words of what was searched so far; they may still change.</summary>
    string Words { get; }

    /// <summary>Begins an utterance; what was before is forgotten.</summary>
    void Begin();

    /// <summary>Takes what was said next.</summary>
    void Take(ReadOnlySpan<short> samples);

    /// <summary>
    /// Adapts to the voice, the loudness and the line as all of the sound taken so far has them. Where that differs much from what was gone by, what was searched is searched again, which takes its time.
    /// </summary>
    void Adapt();

    /// <summary>Searches on, through at most so many milliseconds of sound.</summary>
    /// <returns>False when all that was taken is searched.</returns>
    bool Search(int milliseconds);

    /// <summary>Ends the utterance, after searching what is left.</summary>
    /// <returns>The final words.</returns>
    string End();
}

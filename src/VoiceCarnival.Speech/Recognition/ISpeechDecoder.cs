namespace VoiceCarnival.Speech.Recognition;

/// <summary>Makes words of speech, one utterance at a time. Not thread-safe. Samples are mono, 16 kHz.</summary>
internal interface ISpeechDecoder
{
    /// <summary>Begins to listen; what was listened to before is forgotten.</summary>
    void Begin();

    /// <summary>Takes what was said next.</summary>
    /// <returns>The words so far; they may still change.</returns>
    string Listen(ReadOnlySpan<short> samples);

    /// <summary>Takes a whole utterance, which is understood better than piece by piece: how loud it is and how it sounds is known from its beginning.</summary>
    string Recognise(ReadOnlySpan<short> samples);
}

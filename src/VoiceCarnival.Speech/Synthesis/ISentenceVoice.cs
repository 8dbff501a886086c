namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Somebody who speaks sentences, one at a time.</summary>
internal interface ISentenceVoice
{
    /// <summary>Name of the synthesiser.</summary>
    string Name { get; }

    /// <summary>Speaks a sentence.</summary>
    /// <exception cref="VoiceCarnival.Audio.Speech.ModelServiceException">It cannot: another language, say.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; within 50 ms.</exception>
    Task<SpokenSentence> SpeakAsync(string text, SpeechStyle style, CancellationToken cancellationToken);
}

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Somebody who speaks sentences, one at a time.</summary>
internal interface ISentenceVoice
{
    /// <summary>Name of the synthesiser.</summary>
    string Name { get; }

    /// <summary>The parts in which a sentence is spoken, one after the other; put together they are the sentence.</summary>
    IEnumerable<string> Parts(string sentence, SpeechStyle style) => [sentence];

    /// <summary>Speaks a sentence or a part of one, in pieces as they are made; nothing where there is nothing in it to be said.</summary>
    /// <exception cref="VoiceCarnival.Audio.Speech.ModelServiceException">It cannot: another language, say.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; at once, though what works on it may take another 50 ms to stop.</exception>
    IAsyncEnumerable<SpokenPiece> SpeakAsync(string text, SpeechStyle style, CancellationToken cancellationToken);
}

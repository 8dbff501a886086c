using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>A sentence as it was spoken.</summary>
/// <param name="Samples">Mono.</param>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Words">Its words in order, by their places in the sentence and in the audio; empty where that is not known.</param>
internal sealed record SpokenSentence(short[] Samples, int SampleRate, IReadOnlyList<WordTime> Words)
{
    public static SpokenSentence Silent { get; } = new([], SentenceTextToSpeechClient.SampleRate, []);
}

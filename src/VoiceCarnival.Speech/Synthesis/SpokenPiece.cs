using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>A piece of a sentence as it was spoken.</summary>
/// <param name="Samples">Mono.</param>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Words">All words of the sentence in order, by their places in the sentence and in its audio, with its first piece; empty with others, and where that is not known.</param>
internal sealed record SpokenPiece(short[] Samples, int SampleRate, IReadOnlyList<WordTime> Words);

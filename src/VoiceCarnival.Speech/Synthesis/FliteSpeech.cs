namespace VoiceCarnival.Speech.Synthesis;

/// <summary>What flite made of a text.</summary>
/// <param name="Samples">Mono.</param>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Phones">The sounds in it, in order, pauses among them.</param>
internal sealed record FliteSpeech(short[] Samples, int SampleRate, IReadOnlyList<Phone> Phones);

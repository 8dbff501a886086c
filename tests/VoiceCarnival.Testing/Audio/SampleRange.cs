namespace VoiceCarnival.Testing.Audio;

/// <summary>A stretch of a signal, in samples.</summary>
/// <param name="Start">The first sample.</param>
/// <param name="Length">How many samples.</param>
public readonly record struct SampleRange(int Start, int Length);

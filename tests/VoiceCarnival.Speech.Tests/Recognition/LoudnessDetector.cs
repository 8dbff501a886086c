using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Speech.Tests.Recognition;

/// <summary>Everything that is not zero is speech.</summary>
internal sealed class LoudnessDetector : IVoiceActivityDetector
{
    public int SampleRate => 16_000;

    public int FrameSamples => 512;

    public float Process(ReadOnlySpan<short> frame) => frame.ContainsAnyExcept((short)0) ? 1 : 0;

    public void Reset()
    {
    }
}

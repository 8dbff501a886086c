namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Makes a detector for each stream.</summary>
public interface IVoiceActivityDetectorFactory
{
    /// <summary>A new detector. Never fails for 8,000 and 24,000 samples per second, the rates of the Realtime protocol.</summary>
    /// <param name="sampleRate">Samples per second of the stream.</param>
    /// <exception cref="ArgumentOutOfRangeException">The detector has no use for that rate.</exception>
    IVoiceActivityDetector Create(int sampleRate);
}

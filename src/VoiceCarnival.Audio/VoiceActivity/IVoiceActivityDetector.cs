namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Says for each frame of one stream how likely it is that somebody is speaking.</summary>
/// <remarks>
/// One instance per stream, called from one thread at a time, frames in order. Implementations do not allocate in
/// <see cref="Process"/>. Feed the result to a <see cref="SpeechSegmenter"/> to get speech that starts and stops.
/// </remarks>
public interface IVoiceActivityDetector
{
    /// <summary>Samples per second that <see cref="Process"/> expects.</summary>
    int SampleRate { get; }

    /// <summary>Length of every frame, in samples.</summary>
    int FrameSamples { get; }

    /// <summary>
    /// How much sooner than others this detector sees speech end. Others linger: they take the end of a word for speech, and whoever waits for a second of silence has waited for longer. Who cuts turns by a time
    /// of silence adds this to it, so that the time means the same whatever the detector.
    /// </summary>
    TimeSpan Lag => TimeSpan.Zero;

    /// <summary>Takes the next frame.</summary>
    /// <param name="frame">Exactly <see cref="FrameSamples"/> samples of PCM16.</param>
    /// <returns>Speech probability, 0 to 1; 0.5 is the sensible threshold.</returns>
    /// <exception cref="ArgumentException">The frame has another length.</exception>
    float Process(ReadOnlySpan<short> frame);

    /// <summary>Forgets everything heard, as if newly made.</summary>
    void Reset();
}

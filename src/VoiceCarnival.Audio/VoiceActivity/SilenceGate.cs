namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>
/// Spares a detector what needs no judgement, such as a microphone that is switched off: once there was silence for a second, and nothing of it was speech any more, what it said last holds until
/// there is a sound. By then silence has brought it to a state that further silence hardly changes.
/// </summary>
/// <param name="inner">Judges all else.</param>
public sealed class SilenceGate(IVoiceActivityDetector inner) : IVoiceActivityDetector
{
    // What A-law has for zero: no microphone that is on is that quiet, at -72 dB of full scale.
    private const short Loudest = 8;
    private const float NoSpeech = 0.1f;
    private readonly int _mostFrames = inner.SampleRate / inner.FrameSamples;
    private int _silentFrames;
    private float _last;

    /// <inheritdoc/>
    public int SampleRate => inner.SampleRate;

    /// <inheritdoc/>
    public int FrameSamples => inner.FrameSamples;

    /// <inheritdoc/>
    public TimeSpan Lag => inner.Lag;

    /// <inheritdoc/>
    public float Process(ReadOnlySpan<short> frame)
    {
        bool isSilent = frame.Length == FrameSamples && !frame.ContainsAnyExceptInRange((short)-Loudest, Loudest);
        _silentFrames = isSilent ? Math.Min(_silentFrames + 1, _mostFrames) : 0;
        if (_silentFrames < _mostFrames || _last >= NoSpeech)
            _last = inner.Process(frame);
        return _last;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        (_silentFrames, _last) = (0, 0);
        inner.Reset();
    }
}

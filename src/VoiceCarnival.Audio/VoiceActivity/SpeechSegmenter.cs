namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Turns frame probabilities into speech that starts and stops: onset, hysteresis and hang-over.</summary>
/// <remarks>A pure state machine: time is the number of frames fed. Works with any <see cref="IVoiceActivityDetector"/>.</remarks>
public sealed class SpeechSegmenter
{
    private readonly TimeSpan _frame;

    private TimeSpan _evidence;
    private TimeSpan _sinceEvidence;
    private TimeSpan _silence;

    /// <summary>Creates a segmenter.</summary>
    /// <param name="frameDuration">Length of the frames to come, for example 20 ms.</param>
    /// <param name="options">Thresholds and times; the defaults suit a detector calibrated to 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frame length is not positive.</exception>
    public SpeechSegmenter(TimeSpan frameDuration, SpeechSegmenterOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(frameDuration, TimeSpan.Zero);
        _frame = frameDuration;
        Options = options ?? new SpeechSegmenterOptions();
    }

    /// <summary>Thresholds and times; may change at any time and hold from the next frame.</summary>
    public SpeechSegmenterOptions Options { get; set; }

    /// <summary>Somebody is speaking, or stopped less than the hang-over ago.</summary>
    public bool IsSpeech { get; private set; }

    /// <summary>All time fed so far.</summary>
    public TimeSpan Position { get; private set; }

    /// <summary>Where the current (or else the last) speech began: the start of its first frame of evidence.</summary>
    public TimeSpan SpeechStart { get; private set; }

    /// <summary>Where the current (or else the last) speech was last heard: the end of its last frame that was not silence.</summary>
    public TimeSpan SpeechEnd { get; private set; }

    /// <summary>Takes the probability of the next frame.</summary>
    public SpeechTransition Process(float probability)
    {
        Position += _frame;
        return IsSpeech ? Continue(probability) : Listen(probability);
    }

    /// <summary>Ends the speech under way, if any, without waiting for silence; the position goes on.</summary>
    public void EndSpeech()
    {
        IsSpeech = false;
        _evidence = _sinceEvidence = _silence = TimeSpan.Zero;
    }

    /// <summary>Forgets everything, the position included.</summary>
    public void Reset()
    {
        IsSpeech = false;
        Position = SpeechStart = SpeechEnd = TimeSpan.Zero;
        _evidence = _sinceEvidence = _silence = TimeSpan.Zero;
    }

    private SpeechTransition Listen(float probability)
    {
        bool isEvidence = probability >= Options.Threshold;
        if (_evidence == TimeSpan.Zero)
        {
            _sinceEvidence = TimeSpan.Zero;
        }

        _evidence += isEvidence ? _frame : -_frame;
        _sinceEvidence += _frame;
        if (_evidence < TimeSpan.Zero)
        {
            _evidence = TimeSpan.Zero;
        }

        if (!isEvidence || _evidence < Options.Onset)
        {
            return SpeechTransition.None;
        }

        IsSpeech = true;
        SpeechStart = Position - _sinceEvidence;
        SpeechEnd = Position;
        _evidence = TimeSpan.Zero;
        _silence = TimeSpan.Zero;
        return SpeechTransition.Started;
    }

    private SpeechTransition Continue(float probability)
    {
        // Never a negative threshold: a probability of 0 is silence whatever the options.
        if (probability > Math.Max(Options.Threshold - Options.Hysteresis, 0))
        {
            _silence = TimeSpan.Zero;
            SpeechEnd = Position;
            return SpeechTransition.None;
        }

        _silence += _frame;
        if (_silence < Options.HangOver)
        {
            return SpeechTransition.None;
        }

        IsSpeech = false;
        return SpeechTransition.Stopped;
    }
}

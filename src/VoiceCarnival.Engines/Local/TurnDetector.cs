using VoiceCarnival.Audio;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>What the turn detector found at the end of a frame.</summary>
internal enum TurnChange
{
    None,
    SpeechStarted,
    SpeechStopped,
}

/// <summary>
/// Finds where the caller's turns begin and end: a frame's speech probability (any <see cref="IVoiceActivityDetector"/>) in, starts and stops out.
/// Hysteresis and hang-over keep it steady in noise.
/// </summary>
internal sealed class TurnDetector(IVoiceActivityDetector detector, AudioFormat format, TurnDetectionSettings settings)
{
    // Three frames of evidence keep clicks and door slams out and cost 60 ms, which the prefix padding gives back.
    private const int OnsetFrames = 3;
    private const int OnsetWindow = 5;
    private const double Hysteresis = 0.15;

    private readonly short[] _frame = new short[detector.FrameSamples];
    private readonly byte[] _pending = new byte[format.BytesPerSample * detector.FrameSamples];
    private int _pendingBytes;
    private uint _recent;
    private long _silentMs;

    public bool Speaking { get; private set; }

    /// <summary>Milliseconds of a frame.</summary>
    public int FrameMs { get; } = detector.FrameSamples * 1000 / detector.SampleRate;

    /// <summary>How far before the moment of detection speech may have begun.</summary>
    public int OnsetMs => OnsetWindow * FrameMs;

    /// <summary>Trailing silence inside a turn that has just stopped.</summary>
    public long TrailingSilenceMs => _silentMs;

    public TurnDetectionSettings Settings { get; set; } = settings;

    /// <summary>
    /// Silence that ends a turn. Semantic detection without a recogniser cannot know whether the sentence is finished, so it waits a quarter of what
    /// its eagerness allows at most (8, 4 and 2 seconds for low, medium and high).
    /// </summary>
    public int SilenceToStopMs => !Settings.IsSemantic ? Math.Max(FrameMs, Settings.SilenceDurationMs) : Settings.Eagerness switch
    {
        "low" => 2000,
        "high" => 500,
        _ => 1000,
    };

    /// <summary>Takes bytes until a frame is full or a change is found; says how many it took.</summary>
    public TurnChange Process(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (taken < bytes.Length)
        {
            int n = Math.Min(_pending.Length - _pendingBytes, bytes.Length - taken);
            bytes.Slice(taken, n).CopyTo(_pending.AsSpan(_pendingBytes));
            _pendingBytes += n;
            taken += n;
            if (_pendingBytes < _pending.Length)
                break;
            _pendingBytes = 0;
            format.Decode(_pending, _frame);
            var change = OnFrame(detector.Process(_frame));
            if (change != TurnChange.None)
                return change;
        }

        return TurnChange.None;
    }

    /// <summary>Forgets the turn under way; the noise floor stays.</summary>
    public void EndTurn()
    {
        Speaking = false;
        _recent = 0;
        _silentMs = 0;
    }

    private TurnChange OnFrame(float probability)
    {
        double threshold = Math.Max(0.01, Settings.IsSemantic ? 0.5 : Settings.Threshold);
        if (!Speaking)
        {
            _recent = ((_recent << 1) | (probability >= threshold ? 1u : 0u)) & ((1u << OnsetWindow) - 1);
            if (System.Numerics.BitOperations.PopCount(_recent) < OnsetFrames)
                return TurnChange.None;
            Speaking = true;
            _silentMs = 0;
            return TurnChange.SpeechStarted;
        }

        _silentMs = probability >= threshold - Hysteresis ? 0 : _silentMs + FrameMs;
        if (_silentMs < SilenceToStopMs)
            return TurnChange.None;
        Speaking = false;
        _recent = 0;
        return TurnChange.SpeechStopped;
    }
}

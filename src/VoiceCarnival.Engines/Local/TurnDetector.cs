using VoiceCarnival.Audio;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// Finds where the caller's turns begin and end in a stream of wire bytes: any <see cref="IVoiceActivityDetector"/> judges the frames, a
/// <see cref="SpeechSegmenter"/> with the session's own threshold and silence keeps it steady.
/// </summary>
internal sealed class TurnDetector
{
    private readonly IVoiceActivityDetector _detector;
    private readonly AudioFormat _format;
    private readonly SpeechSegmenter _segmenter;
    private readonly short[] _frame;
    private readonly byte[] _pending;
    private int _pendingBytes;

    public TurnDetector(IVoiceActivityDetector detector, AudioFormat format, TurnDetectionSettings settings)
    {
        _detector = detector;
        _format = format;
        _frame = new short[detector.FrameSamples];
        _pending = new byte[format.BytesOf(detector.FrameSamples)];
        _segmenter = new SpeechSegmenter(TimeSpan.FromSeconds((double)detector.FrameSamples / detector.SampleRate));
        Settings = settings;
    }

    public bool Speaking => _segmenter.IsSpeech;

    /// <summary>How long ago the speech that has just started began, ms.</summary>
    public int OnsetMs => (int)(_segmenter.Position - _segmenter.SpeechStart).TotalMilliseconds;

    /// <summary>How long ago speech was last heard.</summary>
    public TimeSpan Silence => _segmenter.Position - _segmenter.SpeechEnd;

    /// <summary>Speech is found at most this long after it began, ms; audio this far back must be kept.</summary>
    public static int MaxOnsetMs => 300;

    public TurnDetectionSettings Settings
    {
        get;
        set
        {
            field = value;
            Configure();
        }
    }

    /// <summary>What the words so far tell about the turn; counts with semantic detection only.</summary>
    public SentenceOutlook Outlook
    {
        get;
        set
        {
            if (field == value)
                return;
            field = value;
            Configure();
        }
    }

    /// <summary>Takes bytes until a turn starts or stops or all are taken; says how many it took.</summary>
    public SpeechTransition Process(ReadOnlySpan<byte> bytes, out int taken)
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
            _format.Decode(_pending, _frame);
            var transition = _segmenter.Process(_detector.Process(_frame));
            if (transition != SpeechTransition.None)
                return transition;
        }

        return SpeechTransition.None;
    }

    /// <summary>Ends the turn under way; what the detector knows of the noise stays.</summary>
    public void EndTurn() => _segmenter.EndSpeech();

    private void Configure() => _segmenter.Options = new SpeechSegmenterOptions
    {
        Threshold = Settings.IsSemantic ? 0.5f : (float)Math.Max(0.01, Settings.Threshold),
        HangOver = TimeSpan.FromMilliseconds(Settings.IsSemantic ? SemanticSilenceMs(Settings.Eagerness, Outlook) : Settings.SilenceDurationMs) + _detector.Lag,
    };

    // A sentence that must go on is waited for as long as the eagerness allows at most (8, 4 and 2 seconds for low, medium and high); one that may be finished for long enough that the
    // recogniser, some hundred milliseconds behind, has had its say. Without words it cannot be known, and a quarter of the most is waited.
    private static int SemanticSilenceMs(string eagerness, SentenceOutlook outlook)
    {
        int most = eagerness switch
        {
            "low" => 8000,
            "high" => 2000,
            _ => 4000,
        };
        return outlook switch
        {
            SentenceOutlook.Unfinished => most,
            SentenceOutlook.Finished => (most / 8) + 200,
            _ => most / 4,
        };
    }
}

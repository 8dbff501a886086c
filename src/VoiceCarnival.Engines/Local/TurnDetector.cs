using VoiceCarnival.Audio;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// Finds where the caller's turns begin and end in a stream of wire bytes: any <see cref="IVoiceActivityDetector"/> judges the frames, a
/// <see cref="SpeechSegmenter"/> with the session's own threshold and silence keeps it steady. While the agent is heard and the caller is not, a second one, whose frames begin in the middle of the first one's,
/// joins in: then the geometric mean of what both said last decides at once, where else two frames in a row have to, and an interruption is found a frame sooner.
/// </summary>
internal sealed class TurnDetector
{
    // Frames shorter than this are soon enough.
    private static readonly TimeSpan LongFrame = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Onset = TimeSpan.FromMilliseconds(40);
    private readonly IVoiceActivityDetector _detector;
    private readonly Func<IVoiceActivityDetector> _create;
    private IVoiceActivityDetector? _second;
    private readonly AudioFormat _format;
    private readonly SpeechSegmenter _segmenter;
    private readonly short[] _frame;
    private readonly byte[] _pending;
    private readonly int _steps;
    private int _pendingBytes;
    private int _step;
    private int _judged;
    private bool _wasClose;
    private float _last;

    /// <param name="create">Makes detectors for the format's rate: one, and a second one once the agent is heard.</param>
    /// <param name="format">Of the bytes.</param>
    /// <param name="settings">The session's.</param>
    public TurnDetector(Func<IVoiceActivityDetector> create, AudioFormat format, TurnDetectionSettings settings)
    {
        _create = create;
        _detector = create();
        _format = format;
        var frame = TimeSpan.FromSeconds((double)_detector.FrameSamples / _detector.SampleRate);
        _steps = frame >= LongFrame ? 2 : 1;
        _frame = new short[_detector.FrameSamples];
        _pending = new byte[format.BytesOf(_detector.FrameSamples / _steps)];
        _segmenter = new SpeechSegmenter(frame / _steps);
        Settings = settings;
    }

    /// <summary>The agent is heard, so that whoever speaks interrupts it.</summary>
    public bool MayInterrupt
    {
        get;
        set
        {
            if (field == value || _steps == 1)
                return;
            field = value;
            Configure();
        }
    }

    public bool Speaking => _segmenter.IsSpeech;

    /// <summary>How long ago the speech that has just started began, ms.</summary>
    public int OnsetMs => (int)(_segmenter.Position - _segmenter.SpeechStart + (MayInterrupt ? 2 * Step : TimeSpan.Zero)).TotalMilliseconds;

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

    private TimeSpan Step => TimeSpan.FromSeconds((double)_frame.Length / _steps / _detector.SampleRate);

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
            if (Judge() is var transition and not SpeechTransition.None)
                return transition;
        }

        return SpeechTransition.None;
    }

    // A step of a frame has come. The first detector's word counts for all steps that the second had none for.
    private SpeechTransition Judge()
    {
        int step = _frame.Length / _steps;
        _frame.AsSpan(step).CopyTo(_frame);
        _format.Decode(_pending, _frame.AsSpan(_frame.Length - step));
        _step = (_step + 1) % _steps;
        // Who speaks already need not be found.
        bool isClose = MayInterrupt && !_segmenter.IsSpeech;
        if (isClose && !_wasClose)
            Begin();
        _wasClose = isClose;
        if (_step != 0)
        {
            if (!isClose)
                return SpeechTransition.None;
            _judged++;
            return _segmenter.Process(MeanWith(_second!.Process(_frame)));
        }

        float probability = _detector.Process(_frame);
        if (isClose)
            probability = MeanWith(probability);
        var transition = SpeechTransition.None;
        for (; _judged < _steps; _judged++)
        {
            if (_segmenter.Process(probability) is var next and not SpeechTransition.None)
                transition = next;
        }

        _judged = 0;
        return transition;
    }

    private void Begin()
    {
        _last = 0;
        if (_second is null)
            _second = _create();
        else
            _second.Reset();
    }

    private float MeanWith(float probability)
    {
        // The geometric one: a frame that is speech for sure and one that surely is none are no interruption. Voices in the background, 20 dB lower, start less by it.
        float mean = MathF.Sqrt(probability * _last);
        _last = probability;
        return mean;
    }

    /// <summary>Ends the turn under way; what the detector knows of the noise stays.</summary>
    public void EndTurn() => _segmenter.EndSpeech();

    private void Configure() => _segmenter.Options = new SpeechSegmenterOptions
    {
        Onset = MayInterrupt ? Step : Onset,
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

using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Resampling;

namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Voice activity from energy above a tracked noise floor: no model, no files, 20 ms frames at 8, 16 or 24 kHz.</summary>
/// <remarks>
/// <para>
/// All rates are brought to 8 kHz. A 32 ms spectrum is compared, bin by bin from 150 to 3,600 Hz, with the <see cref="NoiseFloor"/>:
/// the mean log-likelihood ratio of "speech and noise" against "noise" (Sohn, Kim and Sung, "A statistical model-based voice
/// activity detection", 1999) is mapped to a probability that is 0.5 at the useful threshold.
/// </para>
/// <para>
/// Sound that holds its level in four bands and has no pitch is noise, however loud: so a fan that starts is speech for a
/// moment only. A steady tone counts at first and is taken into the floor after about 1.6 s. Measured quality: see README.md here.
/// </para>
/// </remarks>
public sealed class EnergyVoiceActivityDetector : IVoiceActivityDetector
{
    /// <summary>Length of a frame.</summary>
    public const int FrameMilliseconds = 20;

    private const int AnalysisRate = 8_000;
    private const int AnalysisFrame = AnalysisRate / 1000 * FrameMilliseconds;

    // 112 bins of 31.25 Hz: 156 to 3,625 Hz.
    private const int FirstBin = 5;
    private const int LastBin = 116;
    private const int UsedBins = LastBin - FirstBin + 1;

    // Below this in-band power (about -76 dBFS) a frame is silence whatever its shape.
    private const float SilencePower = 2.4e-6f * UsedBins;

    private const float VoicingFade = 0.97f;
    private const float VoicedAt = 0.4f;

    // Below this likelihood a frame is not speech with or without pitch, so the pitch is not measured.
    private const float PitchMattersAt = 0.1f;
    private const float LikelihoodAtHalf = 0.18f;
    private const float Steepness = 3;
    private const int SteadyFrames = 12;
    private const int SteadyFramesAtStart = 8;
    private const int UndecidedFrames = 12;
    private const int KnownNoiseFrames = 15;

    // Longer than the pauses within what somebody says: 800 ms of digital silence.
    private const int SilentFrames = 40;

    private static readonly float[] Window = BuildWindow();

    private readonly Resampler _resampler;
    private readonly NoiseFloor _floor = new(UsedBins);
    private readonly SpeechLikelihood _likelihood = new(UsedBins);
    private readonly PitchEvidence _pitch = new();
    private readonly SteadinessMeter _steadiness = new();

    // The newest 256 samples at 8 kHz: 96 of the past and one frame.
    private readonly float[] _history = new float[RealFft.Size];
    private readonly float[] _power = new float[RealFft.Bins];

    // Strongest pitch lately (fades over about 0.3 s), frames of sound without pitch, frames that were plainly noise.
    private float _voicing;
    private int _soundFrames;
    private int _noiseFrames;
    private int _silentFrames;
    private bool _hadPitch;

    /// <summary>Creates a detector.</summary>
    /// <param name="sampleRate">8000, 16000 or 24000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    public EnergyVoiceActivityDetector(int sampleRate)
    {
        if (sampleRate is not (8_000 or 16_000 or 24_000))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "8000, 16000 or 24000 samples per second are supported.");
        }

        SampleRate = sampleRate;
        FrameSamples = sampleRate / 1000 * FrameMilliseconds;
        _resampler = new Resampler(sampleRate, AnalysisRate);
    }

    /// <inheritdoc/>
    public int SampleRate { get; }

    /// <inheritdoc/>
    public int FrameSamples { get; }

    /// <inheritdoc/>
    public float Process(ReadOnlySpan<short> frame)
    {
        if (frame.Length != FrameSamples)
        {
            throw new ArgumentException($"A frame has {FrameSamples} samples, not {frame.Length}.", nameof(frame));
        }

        // 1. The spectrum of the newest 32 ms.
        Span<short> resampled = stackalloc short[AnalysisFrame];
        _resampler.Process(frame, resampled);
        _history.AsSpan(AnalysisFrame).CopyTo(_history);
        Pcm16.ToFloat(resampled, _history.AsSpan(RealFft.Size - AnalysisFrame));
        _pitch.Push(_history.AsSpan(RealFft.Size - AnalysisFrame));
        Span<float> windowed = stackalloc float[RealFft.Size];
        for (int i = 0; i < RealFft.Size; i++)
        {
            windowed[i] = _history[i] * Window[i];
        }

        RealFft.Power(windowed, _power);
        ReadOnlySpan<float> power = _power.AsSpan(FirstBin, UsedBins);
        float total = 0;
        foreach (float value in power)
        {
            total += value;
        }

        // 2. Silence is not speech, and says nothing about the noise that may follow.
        if (total < SilencePower)
        {
            _voicing *= VoicingFade;
            _soundFrames = 0;
            _steadiness.Reset();
            _likelihood.Reset();
            if (++_silentFrames == SilentFrames)
            {
                // What had pitch, a voice or a tone, is not the noise for having been the only sound; noise that comes and goes stays known.
                if (_hadPitch)
                    _floor.Silent();
                _hadPitch = false;
            }

            return 0;
        }

        _silentFrames = 0;

        // 3. How it differs from the noise so far, how periodic and how steady it is.
        float likelihood = _likelihood.Update(power, _floor.Power);
        _steadiness.Update(power);
        _voicing *= VoicingFade;
        if (likelihood > PitchMattersAt)
        {
            _voicing = Math.Max(_voicing, _pitch.Measure());
        }

        return Judge(likelihood);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _resampler.Reset();
        _floor.Reset();
        _likelihood.Reset();
        _pitch.Reset();
        _steadiness.Reset();
        _history.AsSpan().Clear();
        _voicing = 0;
        _soundFrames = 0;
        _noiseFrames = 0;
        _silentFrames = 0;
        _hadPitch = false;
    }

    private float Judge(float likelihood)
    {
        float probability = 1 / (1 + MathF.Pow(LikelihoodAtHalf / Math.Max(likelihood, 1e-4f), Steepness));
        bool voiced = _voicing >= VoicedAt;
        _hadPitch |= voiced;
        bool noiseKnown = _noiseFrames >= KnownNoiseFrames;
        _soundFrames++;

        // Loud but steady and without pitch: the noise has changed.
        bool isNoise = !voiced && _steadiness.Frames >= (noiseKnown ? SteadyFrames : SteadyFramesAtStart);

        // Nothing is known about the noise yet: wait for pitch, or for the level to move, before believing sound without pitch.
        bool undecided = !noiseKnown && !voiced && _soundFrames < UndecidedFrames;
        if (isNoise || undecided)
        {
            probability = Math.Min(probability, 0.3f);
        }

        float hold = isNoise ? 0.7f : probability > 0.5f ? 0.98f : 0.95f;
        _floor.Update(_power.AsSpan(FirstBin - 1, UsedBins + 2), hold, isNoise);
        if (probability < 0.3f || isNoise)
        {
            _noiseFrames = Math.Min(_noiseFrames + 1, KnownNoiseFrames);
        }

        return probability;
    }

    private static float[] BuildWindow()
    {
        var window = new float[RealFft.Size];
        for (int i = 0; i < window.Length; i++)
        {
            window[i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / window.Length)));
        }

        return window;
    }
}

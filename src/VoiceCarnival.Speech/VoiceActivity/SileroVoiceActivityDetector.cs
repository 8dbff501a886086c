using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>Voice activity by Silero's network (version 6), in this process and without any native library: 32 ms frames at 8, 16, 24 or 48 kHz.</summary>
/// <remarks>
/// 8 and 16 kHz are the network's own rates; 24 and 48 kHz are brought to 16. The weights are loaded once per rate, with the first detector; a detector itself is some
/// 2 kB. Measured quality: the README beside <see cref="IVoiceActivityDetector"/>.
/// </remarks>
public sealed class SileroVoiceActivityDetector : IVoiceActivityDetector
{
    private readonly SileroModel _model;
    private readonly Resampler? _resampler;
    private readonly float[] _context;
    private readonly float[] _hidden = new float[SileroModel.StateSize];
    private readonly float[] _cell = new float[SileroModel.StateSize];

    /// <summary>Creates a detector.</summary>
    /// <param name="sampleRate">8000, 16000, 24000 or 48000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    /// <exception cref="InvalidDataException">The weights in this build are damaged.</exception>
    public SileroVoiceActivityDetector(int sampleRate)
    {
        if (sampleRate is not (8_000 or 16_000 or 24_000 or 48_000))
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "8000, 16000, 24000 or 48000 samples per second are supported.");
        int modelRate = Math.Min(sampleRate, 16_000);
        _model = SileroModel.For(modelRate);
        _resampler = sampleRate == modelRate ? null : new Resampler(sampleRate, modelRate);
        _context = new float[_model.ContextSamples];
        SampleRate = sampleRate;
        FrameSamples = sampleRate / 1000 * 32;
    }

    /// <inheritdoc/>
    public int SampleRate { get; }

    /// <inheritdoc/>
    public int FrameSamples { get; }

    /// <inheritdoc/>
    public TimeSpan Lag => TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public float Process(ReadOnlySpan<short> frame)
    {
        if (frame.Length != FrameSamples)
            throw new ArgumentException($"A frame has {FrameSamples} samples, not {frame.Length}.", nameof(frame));
        Span<float> input = stackalloc float[_model.ContextSamples + _model.FrameSamples];
        _context.CopyTo(input);
        var samples = input[_model.ContextSamples..];
        if (_resampler is null)
        {
            Pcm16.ToFloat(frame, samples);
        }
        else
        {
            Span<float> atOwnRate = stackalloc float[frame.Length];
            Pcm16.ToFloat(frame, atOwnRate);
            _resampler.Process(atOwnRate, samples);
        }

        input[^_context.Length..].CopyTo(_context);
        return _model.Process(input, _hidden, _cell);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _resampler?.Reset();
        _context.AsSpan().Clear();
        _hidden.AsSpan().Clear();
        _cell.AsSpan().Clear();
    }
}

using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.Resampling;

/// <summary>Streaming sample-rate converter for one mono channel: a polyphase windowed-sinc filter for any rational ratio.</summary>
/// <remarks>
/// <para>
/// The output is the same, sample for sample, however the input is cut into calls. After N input samples exactly
/// ceil(N * output rate / input rate) samples have come out, so nothing is lost or invented over a long stream.
/// </para>
/// <para>
/// Passes up to 0.42 of the lower rate (3.4 kHz of 8 kHz) and stops from 0.5 of it; stop-band about 80 dB.
/// The output lags by <see cref="GroupDelay"/> (32 samples of the lower rate: 4 ms at 8 kHz, 1.33 ms at 24 kHz).
/// Equal rates copy, without delay. Not thread-safe; nothing is allocated after construction.
/// </para>
/// </remarks>
public sealed class Resampler
{
    private const int BlockSamples = 512;

    private readonly PolyphaseFilter _filter;

    // The last Taps - 1 samples of the past, then up to one block of new ones.
    private readonly float[] _window;
    private readonly float[] _scratch;

    // Phase of the next output within the input sample it falls on, in 1/Up of an input sample, and
    // how many input samples must still arrive before that output is due (0: it is due with the next one).
    private int _phase;
    private int _skip;

    /// <summary>Creates a converter between two rates.</summary>
    /// <param name="inputRate">Samples per second in, 4,000 to 192,000.</param>
    /// <param name="outputRate">Samples per second out, 4,000 to 192,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is outside the range, or their ratio needs more than 1,000 filter phases.</exception>
    public Resampler(int inputRate, int outputRate)
    {
        ThrowIfOutOfRange(inputRate, nameof(inputRate));
        ThrowIfOutOfRange(outputRate, nameof(outputRate));
        _filter = PolyphaseFilter.For(inputRate, outputRate);
        InputRate = inputRate;
        OutputRate = outputRate;
        _window = new float[_filter.Taps - 1 + BlockSamples];
        _scratch = new float[_filter.OutputCeiling(BlockSamples)];
    }

    /// <summary>Samples per second in.</summary>
    public int InputRate { get; }

    /// <summary>Samples per second out.</summary>
    public int OutputRate { get; }

    /// <summary>How far the output lags behind the input, exactly, in samples of the input rate.</summary>
    public int GroupDelayInputSamples => _filter.Taps / 2;

    /// <summary>How far the output lags behind the input.</summary>
    public TimeSpan GroupDelay => TimeSpan.FromSeconds((double)GroupDelayInputSamples / InputRate);

    /// <summary>Exactly how many samples the next <c>Process</c> call would write for this many input samples.</summary>
    public int OutputLength(int inputSamples)
    {
        long due = (((long)inputSamples - _skip) * _filter.Up) - _phase;
        return due <= 0 ? 0 : checked((int)((due + _filter.Down - 1) / _filter.Down));
    }

    /// <summary>Converts the next stretch of the stream, of any length.</summary>
    /// <returns>Samples written, <see cref="OutputLength"/> of the input's length.</returns>
    /// <exception cref="ArgumentException">The destination is too short; the state is unchanged.</exception>
    public int Process(ReadOnlySpan<short> input, Span<short> output)
    {
        int needed = OutputLength(input.Length);
        Pcm16.ThrowIfTooShort(output.Length, needed);
        if (_filter.IsCopy)
        {
            input.CopyTo(output);
            return needed;
        }

        int written = 0;
        while (!input.IsEmpty)
        {
            int count = Math.Min(input.Length, BlockSamples);
            Pcm16.ToFloat(input[..count], _window.AsSpan(_filter.Taps - 1));
            int produced = Filter(count, _scratch);
            Pcm16.FromFloat(_scratch.AsSpan(0, produced), output[written..]);
            written += produced;
            input = input[count..];
        }

        return written;
    }

    /// <summary>Converts the next stretch of the stream as floats, without clipping. Do not mix with the PCM16 overload on unequal scales.</summary>
    /// <returns>Samples written, <see cref="OutputLength"/> of the input's length.</returns>
    /// <exception cref="ArgumentException">The destination is too short; the state is unchanged.</exception>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        int needed = OutputLength(input.Length);
        Pcm16.ThrowIfTooShort(output.Length, needed);
        if (_filter.IsCopy)
        {
            input.CopyTo(output);
            return needed;
        }

        int written = 0;
        while (!input.IsEmpty)
        {
            int count = Math.Min(input.Length, BlockSamples);
            input[..count].CopyTo(_window.AsSpan(_filter.Taps - 1));
            written += Filter(count, output[written..]);
            input = input[count..];
        }

        return written;
    }

    /// <summary>Forgets the past: the next output is that of a new converter.</summary>
    public void Reset()
    {
        _window.AsSpan().Clear();
        _phase = 0;
        _skip = 0;
    }

    private int Filter(int count, Span<float> output)
    {
        int taps = _filter.Taps;
        ReadOnlySpan<float> window = _window;
        int produced = 0;
        int position = _skip;
        while (position < count)
        {
            output[produced++] = VectorMath.Dot(window.Slice(position, taps), _filter.Phase(_phase));
            _phase += _filter.Down;
            position += _phase / _filter.Up;
            _phase %= _filter.Up;
        }

        _skip = position - count;
        _window.AsSpan(count, taps - 1).CopyTo(_window);
        return produced;
    }

    private static void ThrowIfOutOfRange(int rate, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 4_000, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rate, 192_000, name);
    }
}

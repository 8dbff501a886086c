using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.Codecs;

/// <summary>
/// The noise that a sender describes while its speaker is silent (RFC 3389): a level, and reflection coefficients of an all-pole filter for its colour.
/// Allocates nothing after construction. Not thread-safe.
/// </summary>
/// <remarks>
/// <code>
/// |0| noise level |  coefficient 1  |  ...  |  coefficient M  |     level: 0 to 127 dB below full scale, coefficients (k + 1) * 127
/// </code>
/// </remarks>
public sealed class ComfortNoise
{
    private const int MaxOrder = 12;
    private readonly double[] _reflection = new double[MaxOrder];
    private readonly double[] _state = new double[MaxOrder + 1];
    private int _order;
    private double _excitation;
    private ulong _random = 0x9E3779B97F4A7C15;

    /// <summary>Takes a description. An empty one changes nothing.</summary>
    public void Update(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return;
        // Full scale of the level is that of a square wave, 32767; noise of this power has an even distribution of sqrt(3) times it.
        double power = PcmLevel.FromDb(-(payload[0] & 0x7F)) * short.MaxValue;
        _order = Math.Min(payload.Length - 1, MaxOrder);
        double gain = 1;
        for (int i = 0; i < _order; i++)
        {
            // An edge value would make a filter that never decays.
            double k = Math.Clamp((payload[1 + i] - 127) / 127.0, -0.98, 0.98);
            _reflection[i] = k;
            // The filter amplifies white noise by 1 / (1 - k²) per stage.
            gain *= 1 - k * k;
        }

        _excitation = power * Math.Sqrt(3 * gain);
    }

    /// <summary>Makes the next stretch of it; silence before the first description.</summary>
    public void Fill(Span<short> samples)
    {
        for (int n = 0; n < samples.Length; n++)
        {
            // All-pole lattice: forward error down the stages, backward error up.
            double forward = _excitation * Draw();
            for (int i = _order - 1; i >= 0; i--)
            {
                forward -= _reflection[i] * _state[i];
                _state[i + 1] = _state[i] + _reflection[i] * forward;
            }

            _state[0] = forward;
            samples[n] = (short)Math.Clamp(Math.Round(forward), short.MinValue, short.MaxValue);
        }
    }

    // xorshift64*, -1 to 1.
    private double Draw()
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return (long)(_random * 0x2545F4914F6CDD1D) * (1.0 / (1UL << 63));
    }
}

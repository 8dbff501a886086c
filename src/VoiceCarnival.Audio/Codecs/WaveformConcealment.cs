using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.Codecs;

/// <summary>
/// Fills gaps of codecs that have no concealment of their own: the last pitch period goes on, fading to silence within 60 ms, and the voice that comes back is
/// faded in over it. The method is that of ITU-T G.711, appendix I, without its delay: the join at the start of the gap is where two periods agree best.
/// </summary>
internal sealed class WaveformConcealment
{
    private const double FadeSeconds = 0.060;
    private const double JoinSeconds = 0.004;
    private readonly short[] _past;
    private readonly short[] _after;
    private readonly int _shortest;
    private readonly int _longest;
    private readonly int _window;
    private readonly int _fade;
    private int _period;
    private int _filled;

    /// <summary>Nothing heard yet: gaps are silent.</summary>
    public WaveformConcealment(int sampleRate)
    {
        // Voices from 66 to 400 Hz.
        _shortest = sampleRate / 400;
        _longest = sampleRate * 15 / 1000;
        _window = sampleRate / 100;
        _fade = (int)(sampleRate * FadeSeconds);
        _past = new short[_longest + _window];
        _after = new short[(int)(sampleRate * JoinSeconds)];
    }

    /// <summary>Takes what was decoded; after a gap its beginning is faded in, in place.</summary>
    public void Take(Span<short> samples)
    {
        if (samples.IsEmpty)
            return;
        if (_filled > 0)
        {
            var join = _after.AsSpan(0, Math.Min(_after.Length, samples.Length));
            Continue(join);
            PcmGain.FadeOut(join);
            PcmGain.FadeIn(samples[..join.Length]);
            PcmGain.Mix(join, samples[..join.Length]);
            _filled = 0;
        }

        Remember(samples);
    }

    /// <summary>Fills a gap, or goes on filling it.</summary>
    public void Fill(Span<short> samples)
    {
        if (_filled == 0)
            _period = FindPeriod();
        Continue(samples);
    }

    private void Continue(Span<short> samples)
    {
        // The past does not move while the gap is filled: place i of the gap repeats place i of the last period, over and over.
        var period = _past.AsSpan(_past.Length - _period);
        for (int i = 0; i < samples.Length; i++)
        {
            int at = _filled + i;
            double gain = at >= _fade ? 0 : 1 - (double)at / _fade;
            samples[i] = (short)(gain * period[at % _period]);
        }

        _filled = Math.Min(_filled + samples.Length, int.MaxValue / 2);
    }

    /// <summary>The lag at which the last 10 ms look most like what came before them.</summary>
    private int FindPeriod()
    {
        var recent = _past.AsSpan(_past.Length - _window);
        (int best, double score) = (_longest, 0);
        for (int lag = _shortest; lag <= _longest; lag++)
        {
            var earlier = _past.AsSpan(_past.Length - _window - lag, _window);
            long product = 0, energy = 1;
            for (int i = 0; i < _window; i++)
            {
                product += recent[i] * earlier[i];
                energy += earlier[i] * earlier[i];
            }

            double likeness = product <= 0 ? 0 : product / Math.Sqrt(energy);
            if (likeness > score)
                (best, score) = (lag, likeness);
        }

        return best;
    }

    private void Remember(ReadOnlySpan<short> samples)
    {
        if (samples.Length >= _past.Length)
        {
            samples[^_past.Length..].CopyTo(_past);
            return;
        }

        _past.AsSpan(samples.Length).CopyTo(_past);
        samples.CopyTo(_past.AsSpan(_past.Length - samples.Length));
    }
}

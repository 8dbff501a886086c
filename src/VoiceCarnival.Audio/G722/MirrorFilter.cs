namespace VoiceCarnival.Audio.G722;

/// <summary>
/// The quadrature mirror filter that splits 16 kHz audio into two bands of 8 kHz, and joins them again (G.722, sections 3.1 and 4.4). Its memory is written twice, so
/// that the 24 samples to filter always lie together.
/// </summary>
internal sealed class MirrorFilter
{
    private const int Taps = 24;
    private readonly short[] _memory = new short[2 * Taps];
    private int _start;

    /// <summary>Takes the next pair and gives the two filter sums.</summary>
    public (int Even, int Odd) Next(int first, int second)
    {
        Put(first);
        Put(second);
        var window = _memory.AsSpan(_start, Taps);
        var taps = G722Tables.Qmf;
        int even = 0, odd = 0;
        for (int i = 0; i < taps.Length; i++)
        {
            even += window[2 * i] * taps[i];
            odd += window[2 * i + 1] * taps[^(i + 1)];
        }

        return (even, odd);
    }

    private void Put(int sample)
    {
        _memory[_start] = _memory[_start + Taps] = (short)sample;
        _start = (_start + 1) % Taps;
    }
}

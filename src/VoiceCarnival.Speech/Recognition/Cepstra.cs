namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// The sound of an utterance as the acoustic model sees it: a row of mel-frequency cepstral coefficients for each 10 ms, noise suppressed, and their mean, which tells how the voice, the room and the line sound. The same
/// samples give the same rows, in whatever pieces they come.
/// </summary>
internal sealed unsafe class Cepstra : IDisposable
{
    /// <summary>Milliseconds between two rows.</summary>
    public const int RowMilliseconds = 10;

    private const int RowsAtATime = 32;
    private readonly FrontEndHandle _front;
    private float[] _values;
    private readonly double[] _sum;
    private int _summed;
    private int _counted;

    /// <param name="front">Owned from now on.</param>
    public Cepstra(FrontEndHandle front)
    {
        _front = front;
        Width = PocketSphinxLibrary.FeaturesOf(front);
        _sum = new double[Width];
        _values = new float[Width * 512];
    }

    /// <summary>Coefficients in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>A row.</summary>
    public ReadOnlySpan<float> this[int row] => _values.AsSpan(row * Width, Width);

    /// <summary>Forgets everything.</summary>
    public void Begin()
    {
        (Count, _summed, _counted) = (0, 0, 0);
        Array.Clear(_sum);
        PocketSphinxLibrary.ForgetNoise(_front);
        PocketSphinxLibrary.Start(_front);
    }

    /// <summary>Takes what comes next; rows come of it as soon as they are whole.</summary>
    public void Add(ReadOnlySpan<short> samples)
    {
        fixed (short* start = samples)
        {
            short* next = start;
            nuint left = (nuint)samples.Length;
            float** rows = stackalloc float*[RowsAtATime];
            while (left > 0)
            {
                MakeRoom(RowsAtATime);
                fixed (float* values = &_values[Count * Width])
                {
                    for (int i = 0; i < RowsAtATime; i++)
                        rows[i] = values + (i * Width);
                    int count = RowsAtATime;
                    if (PocketSphinxLibrary.Process(_front, &next, &left, rows, &count, null) < 0)
                        throw new InvalidOperationException("PocketSphinx failed on this audio.");
                    Count += count;
                }
            }
        }
    }

    /// <summary>Makes a last row of what is left.</summary>
    public void End()
    {
        MakeRoom(1);
        int count = 0;
        fixed (float* values = &_values[Count * Width])
            _ = PocketSphinxLibrary.End(_front, values, &count);
        Count += Math.Clamp(count, 0, 1);
    }

    /// <summary>The mean of all rows that have any energy; of as many rows more, the prior one.</summary>
    /// <param name="mean">Where to.</param>
    /// <param name="prior">The mean before anything was heard.</param>
    /// <param name="weight">Rows that the prior mean counts as much as.</param>
    public void Mean(Span<float> mean, ReadOnlySpan<float> prior, int weight)
    {
        for (; _summed < Count; _summed++)
        {
            var row = this[_summed];
            if (row[0] < 0)
                continue;
            _counted++;
            for (int i = 0; i < row.Length; i++)
                _sum[i] += row[i];
        }

        for (int i = 0; i < mean.Length; i++)
            mean[i] = (float)((_sum[i] + (weight * prior[i])) / Math.Max(1, _counted + weight));
    }

    public void Dispose() => _front.Dispose();

    private void MakeRoom(int rows)
    {
        if ((Count + rows) * Width > _values.Length)
            Array.Resize(ref _values, 2 * _values.Length);
    }
}

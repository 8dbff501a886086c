namespace VoiceCarnival.Benchmarks;

/// <summary>Counts times in buckets that grow by 2 %, from 1 µs to minutes. All methods may be called at the same time.</summary>
internal sealed class Histogram
{
    private const double Growth = 1.02;
    private readonly long[] _counts = new long[1100];
    private long _total;
    private long _maximumTicks;

    public long Count => Interlocked.Read(ref _total);

    public double MaximumMilliseconds => TimeSpan.FromTicks(Interlocked.Read(ref _maximumTicks)).TotalMilliseconds;

    public void Record(TimeSpan time)
    {
        double microseconds = Math.Max(1, time.TotalMicroseconds);
        int bucket = Math.Min(_counts.Length - 1, (int)(Math.Log(microseconds) / Math.Log(Growth)));
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Increment(ref _total);
        long seen = Interlocked.Read(ref _maximumTicks);
        while (time.Ticks > seen)
        {
            long before = Interlocked.CompareExchange(ref _maximumTicks, time.Ticks, seen);
            if (before == seen)
            {
                break;
            }

            seen = before;
        }
    }

    /// <summary>In milliseconds, to 2 %; null when nothing was counted.</summary>
    public double? Percentile(double percent)
    {
        long wanted = (long)Math.Ceiling(Count * percent / 100);
        if (wanted == 0)
        {
            return null;
        }

        long sum = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            sum += Interlocked.Read(ref _counts[bucket]);
            if (sum >= wanted)
            {
                return Math.Min(Math.Pow(Growth, bucket + 1) / 1000, MaximumMilliseconds);
            }
        }

        return MaximumMilliseconds;
    }
}

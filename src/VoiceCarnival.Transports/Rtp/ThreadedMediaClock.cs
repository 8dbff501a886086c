using System.Diagnostics;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// A few threads for the audio of all calls. Each call belongs to one of them, which ticks it every 20 ms on absolute deadlines and works on what came for it in
/// between, so that nothing of one call runs at the same time and nothing waits for a timer of its own. The calls of a thread are spread over the 20 ms.
/// </summary>
internal sealed class ThreadedMediaClock : MediaClock, IDisposable
{
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly MediaThread[] _threads;

    /// <summary>Starts no thread before the first call.</summary>
    /// <param name="threads">How many; 0 for one per core.</param>
    public ThreadedMediaClock(int threads)
    {
        _threads = new MediaThread[threads > 0 ? threads : Math.Clamp(Environment.ProcessorCount, 1, 16)];
        for (int i = 0; i < _threads.Length; i++)
            _threads[i] = new MediaThread(this, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"media {i}"));
    }

    public override TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    internal override IMediaPlace Add(IMediaTask task)
    {
        // One at a time, so that two that come together do not both see the same thread as the emptiest.
        lock (_gate)
        {
            var thread = _threads.MinBy(t => t.Count)!;
            thread.Add(task);
            return new MediaPlace(thread, task);
        }
    }

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Stop();
    }

    private sealed class MediaPlace(MediaThread thread, IMediaTask task) : IMediaPlace
    {
        public void Wake() => thread.Wake(task);

        public void Leave() => thread.Remove(task);
    }
}

using System.Diagnostics;
using System.Globalization;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// A few threads for the audio of all calls. Each call belongs to two of them: one ticks it every 20 ms on absolute deadlines, the other works on what came for it, so that nothing
/// waits for a timer of its own, and no frame for what somebody else's caller said. The calls of a thread are spread over the 20 ms.
/// </summary>
internal sealed class ThreadedMediaClock : MediaClock, IDisposable
{
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly MediaThread[] _threads;
    private readonly ListeningThread[] _ears;

    /// <summary>Starts no thread before the first call.</summary>
    /// <param name="threads">How many of each kind; 0 for one per core.</param>
    public ThreadedMediaClock(int threads)
    {
        _threads = new MediaThread[threads > 0 ? threads : Math.Clamp(Environment.ProcessorCount, 1, 16)];
        _ears = new ListeningThread[_threads.Length];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new MediaThread(this, string.Create(CultureInfo.InvariantCulture, $"media {i}"));
            _ears[i] = new ListeningThread(this, string.Create(CultureInfo.InvariantCulture, $"media ears {i}"));
        }
    }

    public override TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    internal override IMediaPlace Add(IMediaTask task)
    {
        // One at a time, so that two that come together do not both see the same thread as the emptiest.
        lock (_gate)
        {
            var thread = _threads.MinBy(t => t.Count)!;
            thread.Add(task);
            return new MediaPlace(thread, _ears[Array.IndexOf(_threads, thread)], task);
        }
    }

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Stop();
        foreach (var ears in _ears)
            ears.Stop();
    }

    private sealed class MediaPlace(MediaThread thread, ListeningThread ears, IMediaTask task) : IMediaPlace
    {
        public void Wake() => ears.Wake(task);

        public void Leave() => thread.Remove(task);
    }
}

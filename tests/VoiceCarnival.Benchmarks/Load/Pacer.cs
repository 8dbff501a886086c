using System.Diagnostics;

namespace VoiceCarnival.Benchmarks.Load;

/// <summary>One clock for all sessions: each sends every 20 ms, spread evenly over the 20 ms, from one thread.</summary>
internal sealed class Pacer(IReadOnlyList<LoadSession> sessions, LoadOptions options, LoadTotals totals)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private const int RoundsPerSecond = 50;

    /// <summary>Runs for the load's duration, on a thread of its own.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.Factory.StartNew(() => Run(cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        for (long round = 0; ; round++)
        {
            for (int i = 0; i < sessions.Count; i++)
            {
                var due = (round * Interval) + (Interval * i / sessions.Count);
                var lag = Stopwatch.GetElapsedTime(start) - due;
                while (lag < TimeSpan.Zero)
                {
                    // Sleep is coarse, a millisecond or so; the sessions due meanwhile are sent together.
                    Thread.Sleep(1);
                    lag = Stopwatch.GetElapsedTime(start) - due;
                }

                if (due >= options.Duration || cancellation.IsCancellationRequested)
                {
                    return;
                }

                totals.PacingLag.Record(lag);
                Send(i, round, cancellation);
            }
        }
    }

    private void Send(int index, long round, CancellationToken cancellation)
    {
        // A probe takes the place before its session's frame, once a second, not all in the same round.
        if (index < options.Probes && (round + index) % RoundsPerSecond == 0)
        {
            sessions[index].SendProbe(cancellation);
        }

        if (options.Audio != LoadAudio.None)
        {
            sessions[index].SendFrame(cancellation);
        }
    }
}

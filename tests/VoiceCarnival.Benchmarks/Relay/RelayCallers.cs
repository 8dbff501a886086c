using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>
/// All callers, in a process of their own. Does what it is told on standard input (<c>open COUNT</c>, <c>renew COUNT</c>, <c>start</c>, <c>read</c>,
/// <c>quiet</c>) and answers each with its <see cref="RelayTally"/>.
/// </summary>
internal sealed class RelayCallers(Uri address, TimeSpan interval, bool isBinary) : IDisposable
{
    private const int OpeningAtOnce = 8;
    // Spreads the sessions over the interval, whatever their number: coprime to any round number of milliseconds.
    private const long Step = 7919;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private readonly RelayTimes _times = new();
    private readonly CancellationTokenSource _quiet = new();
    private ImmutableArray<RelaySession> _sessions = [];
    private long _formerlySent;
    private long _formerlyReceived;
    private int _formerlyResumed;

    /// <param name="arguments">Address, milliseconds from frame to frame, <c>json</c> or <c>binary</c>.</param>
    public static async Task RunAsync(string[] arguments)
    {
        using var callers = new RelayCallers(new Uri(arguments[0]), TimeSpan.FromMilliseconds(int.Parse(arguments[1], CultureInfo.InvariantCulture)), arguments[2] == "binary");
        var sending = new Thread(callers.Send) { IsBackground = true };
        sending.Start();
        // Reading the console blocks, also when it is called asynchronous; on a socket's thread it would hold up what arrives there.
        while (await Task.Run(Console.In.ReadLine) is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "open":
                    await callers.OpenAsync(int.Parse(words[1], CultureInfo.InvariantCulture));
                    break;
                case "renew":
                    await callers.RenewAsync(int.Parse(words[1], CultureInfo.InvariantCulture));
                    break;
                case "start":
                    callers._times.Restart();
                    break;
                case "quiet":
                    await callers._quiet.CancelAsync();
                    sending.Join();
                    await Task.Delay(1000);
                    break;
            }

            Console.WriteLine(JsonSerializer.Serialize(callers.Tally()));
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _quiet.Dispose();
    }

    private RelayTally Tally()
    {
        var sessions = _sessions;
        return new RelayTally(sessions.Length, sessions.Count(session => session.IsLost), _formerlySent + sessions.Sum(session => session.Sent), _formerlyReceived + sessions.Sum(session => session.Received),
            _times.Latency.Percentile(50), _times.Latency.Percentile(99), _times.Latency.MaximumMilliseconds, _times.Lag.Percentile(99),
            _formerlyResumed + sessions.Sum(session => session.Resumed));
    }

    private async Task OpenAsync(int count)
    {
        while (_sessions.Length < count)
        {
            var opening = Enumerable.Range(0, Math.Min(OpeningAtOnce, count - _sessions.Length)).Select(_ => RelaySession.OpenAsync(_http, address, _times, isBinary));
            _sessions = [.. _sessions, .. await Task.WhenAll(opening)];
        }
    }

    // The oldest sessions hang up once their last frames are back, and as many others come.
    private async Task RenewAsync(int count)
    {
        int all = _sessions.Length;
        var leaving = _sessions[..Math.Min(count, all)];
        _sessions = _sessions[leaving.Length..];
        await Task.Delay(500);
        foreach (var session in leaving)
        {
            await session.CloseAsync();
            _formerlySent += session.Sent;
            _formerlyReceived += session.Received;
            _formerlyResumed += session.Resumed;
        }

        await OpenAsync(all);
    }

    // One clock for all, ticking in milliseconds; every session has its own moment within the interval.
    private void Send()
    {
        long length = (long)interval.TotalMilliseconds;
        long start = Stopwatch.GetTimestamp();
        for (long tick = 0; !_quiet.IsCancellationRequested; tick++)
        {
            var ahead = TimeSpan.FromMilliseconds(tick) - Stopwatch.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero)
                Thread.Sleep(ahead);
            var sessions = _sessions;
            for (int i = 0; i < sessions.Length; i++)
            {
                if (i * Step % length != tick % length)
                    continue;
                _times.Lag.Record(Stopwatch.GetElapsedTime(start) - TimeSpan.FromMilliseconds(tick));
                sessions[i].SendFrame();
            }
        }
    }
}

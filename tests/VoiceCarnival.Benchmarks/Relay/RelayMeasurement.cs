using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VoiceCarnival.Benchmarks.Relay.Peers;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>Puts callers on one peer and reads what the peer used meanwhile.</summary>
/// <param name="Sessions">How many callers.</param>
/// <param name="WarmUp">Time before the measurement, for the compiler's tiers, pools and caches. Nine tenths of the callers come after half of it.</param>
/// <param name="Duration">Time of the measurement.</param>
/// <param name="Interval">From frame to frame of a caller.</param>
internal sealed record RelayMeasurement(int Sessions, TimeSpan WarmUp, TimeSpan Duration, TimeSpan Interval)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public async Task<RelayResult> RunAsync(RelayPeer peer)
    {
        await using var callers = Callers(peer, Interval);
        // What a start leaves to be done, such as our rehearsal of a WebRTC handshake, is none of the sessions' doing.
        await Task.Delay(Settling);
        var empty = peer.Usage();

        // 1. A tenth of the callers, then all: the first bring along the code that any session needs, the others what each one does.
        int few = Math.Max(1, Sessions / 10);
        await AskAsync(callers, $"open {few}");
        await Task.Delay(WarmUp / 2);
        var warm = peer.Usage();
        await AskAsync(callers, $"open {Sessions}");
        await Task.Delay(WarmUp / 2);

        // 2. Count.
        var first = await AskAsync(callers, "start");
        var before = peer.Usage();
        long began = Stopwatch.GetTimestamp();
        await Task.Delay(Duration);
        var last = await AskAsync(callers, "read");
        var after = peer.Usage();
        var elapsed = Stopwatch.GetElapsedTime(began);

        // 3. What was sent and never came back?
        var quiet = await AskAsync(callers, "quiet");
        return new RelayResult
        {
            Peer = peer.Name,
            Pairs = last.Received - first.Received,
            Processor = after.Processor - before.Processor,
            Elapsed = elapsed,
            Times = last,
            LostFrames = quiet.Sent - quiet.Received,
            LostSessions = quiet.Lost,
            EmptyBytes = empty.Resident,
            FullBytes = after.Resident,
            BytesPerSession = (after.Resident - empty.Resident) / (double)Sessions,
            BytesPerFurtherSession = Sessions > few ? (after.Resident - warm.Resident) / (double)(Sessions - few) : double.NaN,
        };
    }

    /// <summary>Starts the process that holds a peer's callers.</summary>
    public static BenchmarkProcess Callers(RelayPeer peer, TimeSpan interval) => BenchmarkProcess.Start(
        isLean: true, "relay-callers", peer.Address.ToString(), interval.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture), peer.TakesBinary ? "binary" : "json");

    /// <summary>Tells that process what to do next.</summary>
    public static async Task<RelayTally> AskAsync(BenchmarkProcess callers, string line) => JsonSerializer.Deserialize<RelayTally>(await callers.AskAsync(line))!;
}

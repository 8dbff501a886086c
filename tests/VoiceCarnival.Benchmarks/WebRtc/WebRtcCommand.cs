using System.Diagnostics;
using System.Globalization;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>
/// WebRTC calls to the local engine by peers of our own in this process: how soon the first sound comes, what many calls at a time cost and how evenly they are served, and what
/// calls one after another leave behind.
/// </summary>
internal static class WebRtcCommand
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args, ["calls", "seconds", "codec", "starts", "after", "server", "env"], []);
        int calls = arguments.Number("calls", 100, 0, 2000);
        int seconds = arguments.Number("seconds", 20, 1, 3600);
        int starts = arguments.Number("starts", 20, 0, 1000);
        int after = arguments.Number("after", 0, 0, 100_000);
        var options = (arguments.Text("codec") ?? "opus") switch
        {
            "opus" => RtcPeerOptions.Opus,
            "pcmu" => new RtcPeerOptions(),
            var other => throw new UsageException($"--codec is opus or pcmu, not {other}."),
        };
        await using var server = await ServerProcess.StartAsync(arguments.Text("server"), arguments.Settings("env"));
        using var client = new HttpClient { BaseAddress = server.Address };
        await Task.Delay(TimeSpan.FromSeconds(3)); // the server rehearses a handshake once it is up
        if (starts > 0)
            await StartsAsync(client, options, starts);
        if (calls > 0)
            await ManyAsync(server.Id, client, options, calls, TimeSpan.FromSeconds(seconds));
        if (after > 0)
            await OneAfterAnotherAsync(server.Id, client, options, after);
        return 0;
    }

    private static async Task StartsAsync(HttpClient client, RtcPeerOptions options, int starts)
    {
        var first = TimeSpan.Zero;
        var warm = new Histogram();
        for (int i = 0; i < starts; i++)
        {
            using var peer = new RtcPeer(options);
            long began = Stopwatch.GetTimestamp();
            await peer.CallAsync(client);
            await peer.Heard;
            var took = Stopwatch.GetElapsedTime(began);
            if (i == 0)
                first = took;
            else
                warm.Record(took);
            peer.CloseChannel();
            await peer.Closed;
        }

        Print($"offer to first RTP: first call {first.TotalMilliseconds:F0} ms (this process compiles, too), then {warm.Percentile(50):F0} ms median, {warm.Percentile(95):F0} ms p95 of {warm.Count}");
    }

    private static async Task ManyAsync(int serverId, HttpClient client, RtcPeerOptions options, int calls, TimeSpan duration)
    {
        var empty = ProcessUsage.Read(serverId)!.Value;
        var peers = new List<Listener>();
        try
        {
            for (int i = 0; i < calls; i++)
            {
                var peer = new RtcPeer(options);
                await peer.CallAsync(client);
                peers.Add(new Listener(peer));
            }

            using var speaking = new CancellationTokenSource();
            var speaker = new Thread(() => Speak(peers, options, speaking.Token)) { IsBackground = true };
            speaker.Start();
            await Task.Delay(TimeSpan.FromSeconds(3));
            foreach (var listener in peers)
                listener.Begin();
            var before = ProcessUsage.Read(serverId)!.Value;
            long began = Stopwatch.GetTimestamp();
            await Task.Delay(duration);
            var elapsed = Stopwatch.GetElapsedTime(began);
            var after = ProcessUsage.Read(serverId)!.Value;
            var spacing = new Histogram();
            long received = 0, lost = 0;
            foreach (var listener in peers)
            {
                listener.End(spacing);
                received += listener.Received;
                lost += listener.Lost;
            }

            await speaking.CancelAsync();
            Print($"{calls} calls, {elapsed.TotalSeconds:F0} s: {received} packets received of {calls * (elapsed / Frame):F0}, {lost} lost; spacing {spacing.Percentile(50):F1} ms median, {spacing.Percentile(99):F1} ms p99");
            Print($"  server: {(after.Processor - before.Processor) / elapsed:F2} cores, {(after.ResidentBytes - empty.ResidentBytes) / 1024.0 / calls:F0} KiB per call, {after.Threads} threads");
        }
        finally
        {
            foreach (var listener in peers)
                listener.Peer.Abort();
            await Task.Delay(500);
            foreach (var listener in peers)
                listener.Peer.Dispose();
        }
    }

    private static async Task OneAfterAnotherAsync(int serverId, HttpClient client, RtcPeerOptions options, int calls)
    {
        for (int i = 0; i <= calls; i++)
        {
            if (i % Math.Max(1, calls / 5) == 0)
            {
                var usage = ProcessUsage.Read(serverId)!.Value;
                int files = Directory.GetFileSystemEntries($"/proc/{serverId}/fd").Length;
                Print($"after {i} calls: {usage.ResidentBytes / 1048576.0:F0} MiB, {usage.Threads} threads, {files} open files");
            }

            using var peer = new RtcPeer(options);
            await peer.CallAsync(client);
            await peer.Heard;
            peer.CloseChannel();
            await peer.Closed;
        }
    }

    // All at the same pace, from one thread: what is measured is the server.
    private static void Speak(List<Listener> peers, RtcPeerOptions options, CancellationToken cancellationToken)
    {
        // Any bytes are G.711; for Opus one that says "nothing is spoken" (RFC 6716, section 3.1, one frame of 20 ms of CELT).
        byte[] payload = options.Step == 960 ? [0xF8, 0xFF, 0xFE] : new byte[160];
        if (options.Step != 960)
            payload.AsSpan().Fill(0xFF);
        long began = Stopwatch.GetTimestamp();
        for (int frame = 0; !cancellationToken.IsCancellationRequested; frame++)
        {
            foreach (var listener in peers)
                listener.Peer.SendRtp(payload);
            var wait = frame * Frame - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
                Thread.Sleep(wait);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VoiceCarnival.Benchmarks.Relay.Peers;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>
/// WebRTC calls to the local engine by peers of our own in another process: how soon the first sound comes, what many calls at a time cost and how evenly they are served, and
/// what calls one after another leave behind. The callers speak a recording without end, so the engine hears turns and says them back.
/// </summary>
internal static class WebRtcCommand
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.FirstOrDefault() == "flood")
            return await FloodCommand.RunAsync(args[1..]);
        var arguments = new Arguments(args, ["calls", "seconds", "codec", "starts", "after", "server", "env"], ["janus"]);
        int calls = arguments.Number("calls", 100, 0, 2000);
        int seconds = arguments.Number("seconds", 20, 1, 3600);
        int starts = arguments.Number("starts", 20, 0, 1000);
        int after = arguments.Number("after", 0, 0, 100_000);
        string codec = arguments.Text("codec") ?? "opus";
        if (codec is not ("opus" or "pcmu"))
            throw new UsageException($"--codec is opus or pcmu, not {codec}.");
        await using var callers = BenchmarkProcess.Start(isLean: true, "webrtc-callers", codec);
        // The callers' own code is compiled at another server, so that the first call is that of the server alone.
        await using (var other = await StartAsync(arguments))
            await AskAsync(callers, $"one-by-one 3 {other.Address}");
        await using var server = await StartAsync(arguments);
        await Task.Delay(TimeSpan.FromSeconds(4)); // it rehearses a call once it is up
        if (starts > 0)
            await StartsAsync(callers, server, starts);
        if (calls > 0)
            await ManyAsync(callers, server, codec, calls, TimeSpan.FromSeconds(seconds));
        if (calls > 0 && arguments.Flag("janus"))
            await JanusAsync(callers, codec, calls, TimeSpan.FromSeconds(seconds));
        if (after > 0)
            await OneAfterAnotherAsync(callers, server, after);
        return 0;
    }

    private static Task<ServerProcess> StartAsync(Arguments arguments) => ServerProcess.StartAsync(arguments.Text("server"), arguments.Settings("env"));

    private static async Task<WebRtcTally> AskAsync(BenchmarkProcess callers, string line) => JsonSerializer.Deserialize<WebRtcTally>(await callers.AskAsync(line))!;

    private static async Task StartsAsync(BenchmarkProcess callers, ServerProcess server, int starts)
    {
        var first = await AskAsync(callers, $"one-by-one 1 {server.Address}");
        var warm = await AskAsync(callers, $"one-by-one {starts} {server.Address}");
        Print($"offer to first RTP: first call after the start {first.FirstMilliseconds:F0} ms, then {warm.P50:F0} ms median, {warm.P95:F0} ms p95 of {starts}");
    }

    private static async Task ManyAsync(BenchmarkProcess callers, ServerProcess server, string codec, int calls, TimeSpan duration)
    {
        var empty = ProcessUsage.Read(server.Id)!.Value;
        await AskAsync(callers, $"open {Math.Max(1, calls / 2)} {server.Address}");
        await Task.Delay(Settling);
        var half = ProcessUsage.Read(server.Id)!.Value;
        await AskAsync(callers, $"open {calls} {server.Address}");
        await Task.Delay(Settling);
        var open = ProcessUsage.Read(server.Id)!.Value;
        await AskAsync(callers, "speak");
        await MeasureAsync(callers, server.Id, "this server", codec, calls, duration);
        var after = ProcessUsage.Read(server.Id)!.Value;
        Print($"  memory: {(open.ResidentBytes - empty.ResidentBytes) / 1024.0 / calls:F0} KiB per call, {(open.ResidentBytes - half.ResidentBytes) / 1024.0 / Math.Max(1, calls - calls / 2):F0} KiB for each further one; with what was said, which the engine keeps (Local:RetainedAudioSeconds), {(after.ResidentBytes - empty.ResidentBytes) / 1024.0 / calls:F0} KiB");
        await AskAsync(callers, "close");
    }

    // The same callers, who say the same. Janus hands their packets back without a look into them.
    private static async Task JanusAsync(BenchmarkProcess callers, string codec, int calls, TimeSpan duration)
    {
        JanusPeer started;
        try
        {
            started = await JanusPeer.StartAsync();
        }
        catch (MissingPeerException missing)
        {
            Console.WriteLine(missing.Message);
            return;
        }

        await using var janus = started;
        var empty = ProcessUsage.Read(janus.Id)!.Value;
        await AskAsync(callers, $"open-janus {calls} {janus.Address}");
        await Task.Delay(Settling);
        var open = ProcessUsage.Read(janus.Id)!.Value;
        await AskAsync(callers, "speak");
        await MeasureAsync(callers, janus.Id, "Janus' echo test", codec, calls, duration);
        Print($"  memory: {(open.ResidentBytes - empty.ResidentBytes) / 1024.0 / calls:F0} KiB per call");
        await AskAsync(callers, "close");
    }

    private static async Task MeasureAsync(BenchmarkProcess callers, int server, string name, string codec, int calls, TimeSpan duration)
    {
        await Task.Delay(WarmUp);
        await AskAsync(callers, "listen");
        var before = ProcessUsage.Read(server)!.Value;
        var callersBefore = ProcessUsage.Read(callers.Id)!.Value;
        long began = Stopwatch.GetTimestamp();
        await Task.Delay(duration);
        var after = ProcessUsage.Read(server)!.Value;
        var callersAfter = ProcessUsage.Read(callers.Id)!.Value;
        var elapsed = Stopwatch.GetElapsedTime(began);
        var tally = await AskAsync(callers, "read");
        double cores = (after.Processor - before.Processor) / elapsed;
        Print($"{name}: {calls} {codec} calls, {elapsed.TotalSeconds:F0} s: {tally.Received} packets received of {calls * (elapsed / Frame):F0}, {tally.Lost} lost; spacing {tally.SpacingP50:F1} ms median, {tally.SpacingP99:F1} ms p99, {tally.SpacingLongest:F0} ms longest; callers send {tally.Lag:F1} ms late at p99");
        Print($"  server: {cores:F2} cores, {100 * cores / calls:F2} % of a core a call, {after.Threads} threads; callers: {(callersAfter.Processor - callersBefore.Processor) / elapsed:F2} cores");
    }

    private static async Task OneAfterAnotherAsync(BenchmarkProcess callers, ServerProcess server, int calls)
    {
        const int Parts = 5;
        for (int part = 0; part <= Parts; part++)
        {
            int done = calls * part / Parts;
            if (part > 0)
            {
                // In bits, for an answer within the patience of whoever asks.
                for (int left = done - calls * (part - 1) / Parts; left > 0; left -= 100)
                    await AskAsync(callers, $"one-by-one {Math.Min(left, 100)} {server.Address}");
                await Task.Delay(TimeSpan.FromSeconds(6)); // threads for handshakes go when they have been idle for five
            }

            var usage = ProcessUsage.Read(server.Id)!.Value;
            Print($"after {done} calls: {usage.ResidentBytes / 1048576.0:F0} MiB, {usage.Threads} threads, {usage.OpenFiles} open files");
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

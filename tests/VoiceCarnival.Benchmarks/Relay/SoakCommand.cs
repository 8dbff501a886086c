using System.Globalization;
using VoiceCarnival.Benchmarks.Relay.Peers;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>Whether a relay stays as it is over a long time while callers come and go: one line of figures at a time, as comma-separated values.</summary>
internal static class SoakCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args, ["sessions", "seconds", "every", "renew", "peers", "server", "env"], []);
        int sessions = arguments.Number("sessions", 30, 1, 5000);
        int seconds = arguments.Number("seconds", 3600, 2, 7 * 86_400);
        int every = arguments.Number("every", 60, 1, 3600);
        int renew = arguments.Number("renew", 5, 0, 5000);
        await using var upstream = await FakeUpstream.StartAsync();
        var kit = new PeerKit(upstream.Port, arguments.Text("server"), arguments.Settings("env"), mayInstall: false);
        await using var peer = await kit.StartAsync(arguments.Text("peers") ?? "ours");
        await using var callers = RelayMeasurement.Callers(peer, TimeSpan.FromMilliseconds(20));
        await RelayMeasurement.AskAsync(callers, $"open {sessions}");

        Console.WriteLine("seconds,renewed,resident_kib,threads,open_files,pairs,waiting,lost_sessions,resumed");
        var resident = new List<(double Minutes, double KiB)>();
        RelayTally tally;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(every));
        for (int elapsed = every; elapsed <= seconds && await timer.WaitForNextTickAsync(); elapsed += every)
        {
            tally = await RelayMeasurement.AskAsync(callers, "read");
            var usage = peer.Usages();
            resident.Add((elapsed / 60.0, usage.Sum(u => u.ResidentBytes) / 1024.0));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{elapsed},{renew * (elapsed / every)},{resident[^1].KiB:F0},{usage.Sum(u => u.Threads)},{usage.Sum(u => u.OpenFiles)},{tally.Received},{tally.Sent - tally.Received},{tally.Lost},{tally.Resumed}"));
            await RelayMeasurement.AskAsync(callers, $"renew {renew}");
        }

        tally = await RelayMeasurement.AskAsync(callers, "quiet");
        // The compiler and the pools settle in the first quarter.
        var settled = resident.Skip(resident.Count / 4).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"# {SlopeOf(settled):F1} KiB a minute over the last {settled.Count} lines, {settled.Min(line => line.KiB):F0} to {settled.Max(line => line.KiB):F0} KiB; {tally.Sent - tally.Received} frames lost of {tally.Sent}, {tally.Resumed} upstreams opened anew"));
        return tally.Sent == tally.Received && tally.Lost == 0 ? 0 : 1;
    }

    // The straight line through all points that fits them best.
    private static double SlopeOf(List<(double Minutes, double KiB)> lines)
    {
        double x = lines.Average(line => line.Minutes), y = lines.Average(line => line.KiB);
        double spread = lines.Sum(line => (line.Minutes - x) * (line.Minutes - x));
        return spread == 0 ? 0 : lines.Sum(line => (line.Minutes - x) * (line.KiB - y)) / spread;
    }
}

using System.Globalization;
using VoiceCarnival.Benchmarks.Relay.Peers;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>What relaying costs: each peer carries the same sessions between the same callers and the same upstream, every part in a process of its own.</summary>
internal static class RelayCommand
{
    private const string DefaultPeers = "direct,nginx,ours,ours-binary";

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args, ["sessions", "seconds", "warm-up", "rounds", "peers", "server", "env"], ["install", "json"]);
        var measurement = new RelayMeasurement(
            arguments.Number("sessions", 100, 1, 5000), TimeSpan.FromSeconds(arguments.Number("warm-up", 45, 0, 600)),
            TimeSpan.FromSeconds(arguments.Number("seconds", 20, 1, 3600)), TimeSpan.FromMilliseconds(20));
        int rounds = arguments.Number("rounds", 1, 1, 100);
        string[] peers = (arguments.Text("peers") ?? DefaultPeers).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool isQuiet = arguments.Flag("json");

        await using var upstream = await FakeUpstream.StartAsync();
        var kit = new PeerKit(upstream.Port, arguments.Text("server"), arguments.Settings("env"), arguments.Flag("install"));
        var results = new List<RelayResult>();
        Say(isQuiet, string.Create(CultureInfo.InvariantCulture,
            $"{measurement.Sessions} sessions, 50 frames/s of 20 ms each way, {measurement.WarmUp.TotalSeconds} s warm-up, {measurement.Duration.TotalSeconds} s\n{RelayReport.Heading}"));
        var missing = new HashSet<string>(StringComparer.Ordinal);
        for (int round = 0; round < rounds; round++)
        {
            foreach (string name in peers.Where(name => !missing.Contains(name)))
            {
                try
                {
                    await using var peer = await kit.StartAsync(name);
                    var result = await measurement.RunAsync(peer);
                    Say(isQuiet, RelayReport.Line(result, results));
                    results.Add(result);
                }
                catch (MissingPeerException exception)
                {
                    missing.Add(name);
                    Say(isQuiet, $"{name,-12}  left out: {exception.Message}");
                }
            }
        }

        var report = new RelayReport(measurement.Sessions, results);
        if (rounds > 1)
            Say(isQuiet, $"median of {rounds} rounds\n{report.ToTable()}");
        Console.WriteLine(report.ToJson());
        return results.Any(result => result.LostFrames > 0 || result.LostSessions > 0) ? 1 : 0;
    }

    private static void Say(bool isQuiet, string text)
    {
        if (!isQuiet)
            Console.WriteLine(text);
    }
}

using System.Globalization;
using VoiceCarnival.Benchmarks.Relay.Peers;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>Memory of many sessions that hardly speak, over the empty process.</summary>
internal static class IdleCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args, ["sessions", "seconds", "every", "peers", "server", "env"], ["install"]);
        int sessions = arguments.Number("sessions", 1000, 2, 20_000);
        int every = arguments.Number("every", 10, 1, 3600);
        var duration = TimeSpan.FromSeconds(arguments.Number("seconds", 30, 1, 7200));
        var measurement = new RelayMeasurement(sessions, TimeSpan.FromSeconds(20), duration, TimeSpan.FromSeconds(every));
        await using var upstream = await FakeUpstream.StartAsync();
        var kit = new PeerKit(upstream.Port, arguments.Text("server"), arguments.Settings("env"), arguments.Flag("install"));
        Console.WriteLine($"{sessions} sessions, a frame of 20 ms each way every {every} s, {duration.TotalSeconds} s");
        Console.WriteLine("peer          MB empty   MB over it   kB/session  (further)   lost");
        foreach (string name in (arguments.Text("peers") ?? "ours").Split(','))
        {
            await using var peer = await kit.StartAsync(name);
            var result = await measurement.RunAsync(peer);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-12}  {result.EmptyBytes / 1e6,8:F1}   {(result.FullBytes - result.EmptyBytes) / 1e6,10:F1}   {result.BytesPerSession / 1e3,10:F1}  {result.BytesPerFurtherSession / 1e3,9:F1}   {result.LostFrames,4}"));
        }

        return 0;
    }
}

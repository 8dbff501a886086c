using System.Diagnostics;
using System.Text.Json;

namespace VoiceCarnival.Benchmarks.Startup;

/// <summary>Measures how long the server takes to its first answer, by itself and through <c>dotnet run</c>, and how long to stop.</summary>
internal static class StartupCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["runs", "server", "env"], ["json"]);
        int runs = line.Number("runs", otherwise: 5, minimum: 1, maximum: 100);
        var settings = line.Settings("env");
        List<double> starts = [], stops = [], memory = [], built = [], checkedBuilds = [];
        if (line.Text("server") is null)
            await RunProjectAsync(looksAtBuild: true, settings); // builds what is not built yet, or was built in another way
        for (int run = 0; run < runs; run++)
        {
            var server = await ServerProcess.StartAsync(line.Text("server"), settings);
            starts.Add(server.StartTime.TotalMilliseconds);
            memory.Add((ProcessUsage.Read(server.Id)?.ResidentBytes ?? 0) / 1048576.0);
            long began = Stopwatch.GetTimestamp();
            await server.DisposeAsync();
            stops.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (line.Text("server") is not null)
                continue; // a published server has no project to run
            built.Add(await RunProjectAsync(looksAtBuild: false, settings));
            checkedBuilds.Add(await RunProjectAsync(looksAtBuild: true, settings));
        }

        if (!line.Flag("json"))
        {
            Console.WriteLine($"{runs} runs                        median      best     worst");
            Say("start to 200", starts, "ms");
            Say("  by dotnet run --no-build", built, "ms");
            Say("  by dotnet run", checkedBuilds, "ms");
            Say("memory then", memory, "MiB");
            Say("stop", stops, "ms");
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            benchmark = "startup",
            runs,
            start_ms = Median(starts),
            dotnet_run_no_build_ms = Median(built),
            dotnet_run_ms = Median(checkedBuilds),
            rss_mib = Median(memory),
            stop_ms = Median(stops),
        }));
        return 0;
    }

    private static async Task<double> RunProjectAsync(bool looksAtBuild, IReadOnlyDictionary<string, string> settings)
    {
        await using var server = await ServerProcess.RunProjectAsync(looksAtBuild, settings);
        return server.StartTime.TotalMilliseconds;
    }

    private static void Say(string name, List<double> values, string unit)
    {
        if (values.Count > 0)
            Console.WriteLine($"{name,-27}{Median(values),7:0} {unit,-3}{values.Min(),7:0} {unit,-3}{values.Max(),7:0} {unit}");
    }

    private static double? Median(List<double> values)
    {
        if (values.Count == 0)
            return null;
        values.Sort();
        return Math.Round(values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2, 1);
    }
}

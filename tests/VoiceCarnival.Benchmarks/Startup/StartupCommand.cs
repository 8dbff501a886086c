using System.Diagnostics;
using System.Text.Json;

namespace VoiceCarnival.Benchmarks.Startup;

/// <summary>Measures how long the server takes to its first answer, and to stop.</summary>
internal static class StartupCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["runs", "server", "env"], ["json"]);
        int runs = line.Number("runs", otherwise: 5, minimum: 1, maximum: 100);
        var starts = new List<double>();
        var stops = new List<double>();
        var memory = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            var server = await ServerProcess.StartAsync(line.Text("server"), line.Settings("env"));
            starts.Add(server.StartTime.TotalMilliseconds);
            memory.Add((ProcessUsage.Read(server.Id)?.ResidentBytes ?? 0) / 1048576.0);
            long began = Stopwatch.GetTimestamp();
            await server.DisposeAsync();
            stops.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        if (!line.Flag("json"))
        {
            Console.WriteLine($"{runs} runs          median      best     worst");
            Console.WriteLine($"start to 200  {Median(starts),7:0} ms {starts.Min(),6:0} ms {starts.Max(),6:0} ms");
            Console.WriteLine($"memory then   {Median(memory),7:0} MiB{memory.Min(),6:0} MiB{memory.Max(),6:0} MiB");
            Console.WriteLine($"stop          {Median(stops),7:0} ms {stops.Min(),6:0} ms {stops.Max(),6:0} ms");
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            benchmark = "startup",
            runs,
            start_ms = Math.Round(Median(starts), 1),
            rss_mib = Math.Round(Median(memory), 1),
            stop_ms = Math.Round(Median(stops), 1),
        }));
        return 0;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
    }
}

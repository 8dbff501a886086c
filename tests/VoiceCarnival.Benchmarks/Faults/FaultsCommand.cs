using System.Globalization;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Net;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Benchmarks.Faults;

/// <summary>What a caller notices when the line between the relay and the service fails: how long it is silent, and what of the caller's audio is lost.</summary>
internal static class FaultsCommand
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(12);

    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["runs", "server", "env"], []);
        int runs = line.Number("runs", otherwise: 5, minimum: 1, maximum: 100);
        Console.WriteLine("fault                                            silence ms: median  worst   audio lost ms: median  worst   connections");
        foreach (var (name, strike) in Faults)
        {
            var results = new List<FaultResult>();
            for (int run = 0; run < runs; run++)
                results.Add(await MeasureAsync(line, strike));
            long[] silence = [.. results.Select(r => (long)r.Silence.TotalMilliseconds).Order()];
            long[] lost = [.. results.Select(r => r.LostMilliseconds).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-48} {silence[runs / 2],18} {silence[^1],6} {lost[runs / 2],23} {lost[^1],6}   {results.Max(r => r.Connections),11}"));
        }

        return 0;
    }

    // Each strikes the line that a call runs over, or the server at its end.
    private static (string Name, Func<BreakableLine, ServerProcess, int, Task> Strike)[] Faults =>
    [
        ("none", static (_, _, _) => Task.CompletedTask),
        ("the service is killed (kill -9), another is there", static async (line, service, spare) =>
        {
            line.Target = spare;
            await service.KillAsync();
        }),
        ("the line is reset", static (line, _, _) =>
        {
            line.Cut();
            return Task.CompletedTask;
        }),
        ("the line is half open", static (line, _, _) =>
        {
            line.Stall();
            return Task.CompletedTask;
        }),
        ("reset, and the service takes 2 s to be back", static async (line, _, _) =>
        {
            line.IsDown = true;
            line.Cut();
            await Task.Delay(TimeSpan.FromSeconds(2));
            line.IsDown = false;
        }),
        ("jitter: each piece takes 0 to 200 ms", static (line, _, _) =>
        {
            line.JitterMilliseconds = 200;
            return Task.CompletedTask;
        }),
    ];

    // A caller whose microphone is open listens to an answer without end; the fault strikes in the middle of it.
    private static async Task<FaultResult> MeasureAsync(Arguments arguments, Func<BreakableLine, ServerProcess, int, Task> strike)
    {
        string script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script,
            """{ "pace": { "speed": 1, "lead_ms": 0, "delta_ms": 20, "burst": 1 }, "turns": [{ "reply": [{ "say": "A long note.", "ms": 60000 }] }] }""");
        var serviceSettings = new Dictionary<string, string>(StringComparer.Ordinal) { ["VoiceCarnival__Local__Brain"] = "script", ["VoiceCarnival__Local__Script"] = script };
        await using var service = await ServerProcess.StartAsync(arguments.Text("server"), serviceSettings);
        await using var spare = await ServerProcess.StartAsync(arguments.Text("server"), serviceSettings);
        await using var line = new BreakableLine(service.Address.Port);
        var settings = new Dictionary<string, string>(arguments.Settings("env"), StringComparer.Ordinal)
        {
            ["VoiceCarnival__Engine"] = "openai",
            ["VoiceCarnival__OpenAI__ApiKey"] = "sk-any",
            ["VoiceCarnival__OpenAI__BaseUrl"] = $"http://127.0.0.1:{line.Port}/v1",
        };
        await using var relay = await ServerProcess.StartAsync(arguments.Text("server"), settings);
        await using var client = await RealtimeTestClient.ConnectAsync(relay.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"response.create"}""");
        short[] room = Tone.Noise(seed: 1, Before + After, amplitude: 0.004);
        var talking = client.StreamAudioAsync(room);
        await Task.Delay(Before);
        await strike(line, service, spare.Address.Port);
        await talking;
        File.Delete(script);

        var pieces = client.Events.Where(e => e.Type == "response.output_audio.delta").Select(e => e.At).ToList();
        var gaps = pieces.Zip(pieces.Skip(1), (one, next) => next - one).Append(client.Events[^1].At - pieces[^1]);
        long lost = client.Events.Where(e => e.Type == "voicecarnival.session.resumed")
            .Sum(e => long.Parse(e.Text("dropped_audio_ms")!, CultureInfo.InvariantCulture));
        return new FaultResult(gaps.Max(), lost, line.Accepted);
    }

    private sealed record FaultResult(TimeSpan Silence, long LostMilliseconds, int Connections);
}

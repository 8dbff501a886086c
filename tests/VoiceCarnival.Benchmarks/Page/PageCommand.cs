using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Benchmarks.Page;

/// <summary>
/// Measures what a person in front of the page notices: a real Chromium whose microphone says two sentences over and over, the second one over the
/// echo of the first, and the latencies that the page itself measured by its playout clock.
/// </summary>
internal static class PageCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["seconds", "transport", "picture", "server", "env"], ["json"]);
        int seconds = line.Number("seconds", otherwise: 60, minimum: 10, maximum: 600);
        await using var server = await ServerProcess.StartAsync(line.Text("server"), line.Settings("env"));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", $"--use-file-for-fake-audio-capture={Microphone()}",
            ],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        string transport = line.Text("transport") ?? "websocket";
        await page.GotoAsync($"{server.Address}?transport={transport}");
        await page.Locator("[data-testid=talk-button]:enabled").WaitForAsync();
        if (await page.GetByTestId("transport-select").InputValueAsync() is var used && used != transport)
            throw new UsageException($"The server does not offer '{transport}': its page takes '{used}'.");
        await page.GetByTestId("talk-button").ClickAsync();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        if (line.Text("picture") is { } picture)
            await TakePictureAsync(page, picture);
        string text = await page.EvaluateAsync<string>("JSON.stringify({latencies: voiceCarnival.latencies, underruns: voiceCarnival.playout.underruns})");
        using var measured = JsonDocument.Parse(text);
        var latencies = measured.RootElement.GetProperty("latencies");
        double[] answer = Values(latencies, "speechEndToAudioMs"), bargeIn = Values(latencies, "bargeInToSilenceMs"), roundTrip = Values(latencies, "roundTripMs");
        if (!line.Flag("json"))
        {
            Console.WriteLine($"{seconds} s in Chromium, {transport,-16} turns  median     p95   worst");
            Write("speech end to first sound heard", answer);
            Write("barge-in to silence", bargeIn);
            Write("round trip", roundTrip);
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            benchmark = "page",
            transport,
            seconds,
            turns = answer.Length,
            answer_ms = Summary(answer),
            barge_in_ms = Summary(bargeIn),
            round_trip_ms = Summary(roundTrip),
            underruns = measured.RootElement.GetProperty("underruns").GetInt32(),
        }));
        return answer.Length > 0 ? 0 : 1;
    }

    /// <summary>The picture of the README: in a call, the agent speaking, the line's figures beside it.</summary>
    private static async Task TakePictureAsync(IPage page, string file)
    {
        await page.GetByTestId("panel-toggle").ClickAsync();
        await page.Locator("#conversation").ClickAsync();
        while (await page.EvaluateAsync<string>("voiceCarnival.state") != "speaking")
            await Task.Delay(50);
        await Task.Delay(TimeSpan.FromMilliseconds(700)); // the waveform has something to show
        await page.ScreenshotAsync(new() { Path = file });
    }

    private static void Write(string what, double[] values) =>
        Console.WriteLine($"{what,-33} {values.Length,4} {Percentile(values, 50),6:0} ms {Percentile(values, 95),4:0} ms {Percentile(values, 100),4:0} ms");

    private static object Summary(double[] values) => new { p50 = Percentile(values, 50), p95 = Percentile(values, 95), max = Percentile(values, 100) };

    private static double? Percentile(double[] values, double percent) =>
        values.Length == 0 ? null : values[Math.Min(values.Length - 1, (int)Math.Ceiling(percent / 100 * values.Length) - 1)];

    private static double[] Values(JsonElement latencies, string name) => [.. latencies.GetProperty(name).EnumerateArray().Select(v => v.GetDouble()).Order()];

    private static string Microphone()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VoiceCarnival.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? ".", "tests", "assets", "barge-in-48k.wav");
    }
}

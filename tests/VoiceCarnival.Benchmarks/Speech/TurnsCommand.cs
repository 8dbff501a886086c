using System.Diagnostics;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Benchmarks.Speech;

/// <summary>
/// A question of about three seconds, asked aloud of the concierge over a WebSocket, and how long its answer takes by the parts that the server tells: from the end of speech as the detector reports it
/// (<c>input_audio_buffer.speech_stopped</c>, which comes after the silence that ends a turn) to the first sample sent; and as the caller has it, from its own last sound.
/// </summary>
internal static class TurnsCommand
{
    private static readonly string[] Stages = ["silence_ms", "recognition_ms", "thinking_ms", "speaking_ms", "sending_ms"];

    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["runs", "server", "env"], []);
        int runs = line.Number("runs", 10, 1, 1000);
        var settings = new Dictionary<string, string>(line.Settings("env"), StringComparer.Ordinal);
        settings.TryAdd("VoiceCarnival__Local__Brain", "concierge");
        settings.TryAdd("VoiceCarnival__Local__SpeechToText__Provider", "auto");
        await using var server = await ServerProcess.StartAsync(line.Text("server"), settings);
        await using var services = SpeechCommand.Services();
        short[] question = await SpeechCommand.QuestionAsync(services);
        short[] silence = new short[SpeechCommand.Rate / 50];
        await Task.Delay(TimeSpan.FromSeconds(6)); // it loads its models
        var stages = Stages.ToDictionary(static stage => stage, static _ => new Histogram(), StringComparer.Ordinal);
        Histogram answered = new(), heard = new();
        string transcript = "";
        await using var client = await RealtimeTestClient.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, "model=any", subprotocols: ["realtime", RealtimeTestClient.BinaryAudio]);
        client.CheckSchema = false;
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"any"}}}}}""");
        for (int run = -2; run < runs; run++) // the first ones compile
        {
            int before = client.Events.Count;
            long lastSound = await SpeakAsync(client, question, silence);
            var latency = await client.WaitForAsync("voicecarnival.turn.latency", timeout: TimeSpan.FromSeconds(30));
            double sinceSound = Stopwatch.GetElapsedTime(lastSound).TotalMilliseconds;
            await client.WaitForAsync("response.done", timeout: TimeSpan.FromSeconds(30));
            transcript = client.Events.Skip(before).LastOrDefault(e => e.Type.EndsWith("transcription.completed", StringComparison.Ordinal))?.Text("transcript") ?? transcript;
            if (run < 0)
                continue;
            double sum = 0;
            foreach (var (stage, times) in stages)
            {
                double ms = double.Parse(latency.Text(stage) ?? "0", System.Globalization.CultureInfo.InvariantCulture);
                times.Record(TimeSpan.FromMilliseconds(ms));
                sum += stage == "silence_ms" ? 0 : ms;
            }

            answered.Record(TimeSpan.FromMilliseconds(sum));
            heard.Record(TimeSpan.FromMilliseconds(sinceSound));
        }

        Console.WriteLine("| what | median | p95 | most |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (string stage in Stages)
            SpeechCommand.Row(stage, stages[stage]);
        SpeechCommand.Row("end of speech, as detected, to the first sample sent, ms", answered);
        SpeechCommand.Row("the caller's last sound to the first sample sent, ms", heard);
        Console.WriteLine($"It understood: {transcript}");
        return 0;
    }

    // At the pace of a microphone, which goes on until the turn has been found to be over.
    private static async Task<long> SpeakAsync(RealtimeTestClient client, short[] question, short[] silence)
    {
        long start = Stopwatch.GetTimestamp(), lastSound = 0;
        int before = client.Events.Count;
        for (int at = 0; ; at += silence.Length)
        {
            var wait = TimeSpan.FromSeconds((double)at / SpeechCommand.Rate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            if (at < question.Length)
                lastSound = Stopwatch.GetTimestamp();
            await client.SendAudioAsync(at < question.Length ? question.AsMemory(at, Math.Min(silence.Length, question.Length - at)) : silence, binary: true);
            if (at >= question.Length && client.Events.Skip(before).Any(static e => e.Type == "input_audio_buffer.speech_stopped"))
                return lastSound;
        }
    }
}

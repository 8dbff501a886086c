using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Engines;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Benchmarks.Media;

/// <summary>Many audio calls in this process: what decoding, encoding and pacing cost, and how even the pace is.</summary>
internal static class MediaCommand
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["calls", "codec", "seconds"], ["json"]);
        int count = line.Number("calls", otherwise: 100, minimum: 1, maximum: 5000);
        int seconds = line.Number("seconds", otherwise: 20, minimum: 1, maximum: 600);
        string name = line.Text("codec") ?? "opus";
        var codec = AudioCodecs.Available.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"--codec must be one of {string.Join(", ", AudioCodecs.Available)}.");

        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Limits:MaxSessions"] = "10000",
            ["Limits:MaxSessionsPerAddress"] = "10000",
            ["Limits:SessionStartsPerMinute"] = "100000",
        }).Build();
        await using var services = new ServiceCollection()
            .AddSingleton<IVoiceEngine, MirrorEngine>()
            .AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
            .AddLogging()
            .AddVoiceSessions(settings)
            .AddRtpMedia(settings.GetSection("Media"))
            .BuildServiceProvider();
        var media = services.GetRequiredService<RtpMedia>();
        var host = services.GetRequiredService<VoiceSessionHost>();
        var totals = new MediaTotals();
        byte[][] recording = Record(codec);
        long memoryBefore = Memory();
        var calls = new List<EchoCall>();
        for (int i = 0; i < count; i++)
        {
            var opening = await host.OpenAsync(new VoiceSessionRequest { SessionId = RealtimeIds.New("sess"), Transport = "benchmark" }, CancellationToken.None);
            calls.Add(new EchoCall(media, opening.Session ?? throw new InvalidOperationException(opening.Refusal!.Error.Message), codec, recording, totals, i));
        }

        // The far sides, spread over the 20 ms as real ones are.
        var sender = new Thread(() => Send(calls, media.Clock, totals, seconds)) { Name = "far sides" };
        sender.Start();
        while (!totals.Counts)
            await Task.Delay(10);
        var before = ProcessUsage.Read(Environment.ProcessId);
        long began = Stopwatch.GetTimestamp();
        sender.Join();
        var elapsed = Stopwatch.GetElapsedTime(began);
        double cores = (ProcessUsage.Read(Environment.ProcessId)!.Value.Processor - before!.Value.Processor) / elapsed;
        double kilobytes = (Memory() - memoryBefore) / 1024.0 / count;
        var heard = calls.Select(call => call.Connection.Media).ToList();
        long lost = heard.Sum(m => m.ConcealedMilliseconds + m.SilenceMilliseconds);
        foreach (var call in calls)
            call.Connection.Dispose();

        if (!line.Flag("json"))
        {
            Console.WriteLine($"{count} calls, {codec}, {elapsed.TotalSeconds:0} s");
            Console.WriteLine($"processor        {100 * cores,8:0.0} % of a core, {100 * cores / count:0.00} % a call");
            Console.WriteLine($"packet to packet {totals.Interval.Percentile(50),8:0.0} ms median, {totals.Interval.Percentile(99):0.0} ms p99, {totals.Interval.MaximumMilliseconds:0.0} ms most");
            Console.WriteLine($"memory           {kilobytes,8:0} kB a call");
            Console.WriteLine($"made up          {lost,8} ms of {seconds * 1000L * count}");
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            benchmark = "media",
            codec = codec.Name,
            calls = count,
            cores = Math.Round(cores, 3),
            packets_per_second = Math.Round(totals.Sent / elapsed.TotalSeconds),
            interval_p50_ms = totals.Interval.Percentile(50),
            interval_p99_ms = totals.Interval.Percentile(99),
            interval_max_ms = Math.Round(totals.Interval.MaximumMilliseconds, 1),
            kb_per_call = Math.Round(kilobytes),
            made_up_ms = lost,
        }));
        return 0;
    }

    private static byte[][] Record(AudioCodec codec)
    {
        short[] speech = SpeechFile.Read("counting.wav");
        var resampler = new Audio.Resampling.Resampler(24_000, codec.SampleRate);
        var samples = new short[resampler.OutputLength(speech.Length)];
        resampler.Process(speech, samples);
        using var encoder = codec.CreateEncoder();
        var payload = new byte[1280];
        return [.. samples.Chunk(codec.SamplesOf(20)).Where(frame => frame.Length == codec.SamplesOf(20)).Select(frame => payload[..encoder.Encode(frame, payload)])];
    }

    private static void Send(List<EchoCall> calls, MediaClock clock, MediaTotals totals, int seconds)
    {
        var began = clock.Now;
        var next = began;
        const int Groups = 10;
        for (long turn = 0; clock.Now - began < WarmUp + TimeSpan.FromSeconds(seconds); turn++, next += Frame / Groups)
        {
            totals.Counts = clock.Now - began >= WarmUp;
            var wait = next - clock.Now;
            if (wait > TimeSpan.Zero)
                Thread.Sleep(wait);
            for (int i = (int)(turn % Groups); i < calls.Count; i += Groups)
                calls[i].SendNext();
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return ProcessUsage.Read(Environment.ProcessId)?.ResidentBytes ?? 0;
    }
}

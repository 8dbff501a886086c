using System.Diagnostics;
using System.Text;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Benchmarks.Load;

/// <summary>Puts many streaming sessions on a server and reports what it took and what came back.</summary>
internal static class LoadCommand
{
    private const int ConnectingAtOnce = 16;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        // Whatever hangs, this ends.
        using var limit = new CancellationTokenSource(options.Duration + TimeSpan.FromSeconds(60 + (options.Sessions / 10)));

        // 1. A server: ours, or the one named.
        await using var server = options.Url is null ? await ServerProcess.StartAsync(options.ServerFolder, options.Settings) : null;
        var address = server?.Address ?? options.Url!;
        int? processId = server?.Id ?? options.ProcessId;
        if (server is not null)
        {
            // What a start leaves behind settles before the baseline is read.
            await Task.Delay(TimeSpan.FromSeconds(2), limit.Token);
        }

        var baseline = Read(processId);

        // 2. The sessions, a few at a time.
        var totals = new LoadTotals();
        byte[][] frames = Frames(options);
        // Callers of a real server do not all speak at once.
        var sessions = Enumerable.Range(0, options.Sessions).Select(i => new LoadSession(options, totals, frames, firstFrame: i * frames.Length / options.Sessions)).ToList();
        var endpoint = new UriBuilder(address) { Scheme = "ws", Path = "/v1/realtime", Query = $"model={Uri.EscapeDataString(options.Model)}" }.Uri;
        var open = await ConnectAsync(sessions, endpoint, limit.Token);
        if (open.Count == 0)
        {
            string why = string.Join(", ", totals.Troubles.Select(trouble => $"{trouble.Value} x {trouble.Key}"));
            throw new UsageException($"No session could connect to {endpoint}: {why}.");
        }

        // 3. The load.
        var before = Read(processId);
        var own = Environment.CpuUsage.TotalTime;
        long samplesBefore = totals.SamplesReceived;
        long began = Stopwatch.GetTimestamp();
        long peak = 0;
        var pacing = new Pacer(open, options, totals).RunAsync(limit.Token);
        while (!pacing.IsCompleted)
        {
            await Task.WhenAny(pacing, Task.Delay(500, limit.Token));
            peak = Math.Max(peak, Read(processId)?.ResidentBytes ?? 0);
        }

        await pacing;
        var elapsed = Stopwatch.GetElapsedTime(began);
        var after = Read(processId);
        var report = new LoadReport
        {
            Options = options,
            Totals = totals,
            Connected = open.Count,
            Elapsed = elapsed,
            Samples = totals.SamplesReceived - samplesBefore,
            OwnProcessor = Environment.CpuUsage.TotalTime - own,
            Baseline = baseline,
            Before = before,
            After = after,
            PeakBytes = peak,
        };

        // 4. Away, and said.
        await Task.WhenAll(sessions.Select(session => session.CloseAsync()));
        sessions.ForEach(session => session.Dispose());
        if (!options.JsonOnly)
        {
            Console.WriteLine(report.ToTable());
        }

        Console.WriteLine(report.ToJson());
        return report.IsClean ? 0 : 1;
    }

    private static ProcessUsage? Read(int? processId) => processId is { } id ? ProcessUsage.Read(id) : null;

    private static async Task<List<LoadSession>> ConnectAsync(List<LoadSession> sessions, Uri endpoint, CancellationToken cancellation)
    {
        var open = new List<LoadSession>();
        foreach (var group in sessions.Chunk(ConnectingAtOnce))
        {
            bool[] opened = await Task.WhenAll(group.Select(session => session.OpenAsync(endpoint, cancellation)));
            open.AddRange(group.Where((_, index) => opened[index]));
        }

        return open;
    }

    /// <summary>
    /// Two seconds of a quiet room in frames of 20 ms: nothing that a compressor or a silence detector can skip, and nothing that is taken for speech,
    /// so that the detector works all the time and no turn begins. Or what is said, and silence of the same length and two seconds more.
    /// </summary>
    private static byte[][] Frames(LoadOptions options)
    {
        const int Samples = 480;
        short[] sound = options.Speech is null ? Tone.Noise(seed: 1, TimeSpan.FromSeconds(2), amplitude: 0.004) : Speech(options.Speech);
        return [.. sound.Chunk(Samples).Select(samples => Frame(Tone.ToBytes(samples), options.Audio))];
    }

    private static short[] Speech(string file)
    {
        if (!WavReader.TryRead(File.ReadAllBytes(file), out var wav, out _) || wav.Format.SampleRate != Tone.DefaultRate)
        {
            throw new UsageException($"{file} is no WAV file with {Tone.DefaultRate} samples a second.");
        }

        short[] words = wav.ToMono();
        return [.. words, .. new short[words.Length + (2 * Tone.DefaultRate)]];
    }

    private static byte[] Frame(byte[] samples, LoadAudio audio) => audio == LoadAudio.Base64
        ? Encoding.UTF8.GetBytes($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(samples)}}"}""")
        : samples;
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Benchmarks.Load;

/// <summary>The result of a load, for people and for machines.</summary>
internal sealed class LoadReport
{
    private const double Mebibyte = 1048576;

    public required LoadOptions Options { get; init; }

    public required LoadTotals Totals { get; init; }

    public required int Connected { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>Samples that came during the load, without those of the time before.</summary>
    public required long Samples { get; init; }

    /// <summary>Processor time of this process.</summary>
    public required TimeSpan OwnProcessor { get; init; }

    public required ProcessUsage? Baseline { get; init; }

    public required ProcessUsage? Before { get; init; }

    public required ProcessUsage? After { get; init; }

    public required long PeakBytes { get; init; }

    /// <summary>Every session connected and stayed, and no sample was lost.</summary>
    public bool IsClean => Connected == Options.Sessions && Totals.Dropped == 0 && Totals.Gaps == 0;

    private double? ServerCores => (After?.Processor - Before?.Processor) / Elapsed;

    private double? KibibytesPerSession => (After?.ResidentBytes - Baseline?.ResidentBytes) / 1024.0 / Math.Max(1, Connected);

    /// <summary>1 is a session that streams without a pause.</summary>
    private double RealTime => Samples / (double)Tone.DefaultRate / Elapsed.TotalSeconds / Math.Max(1, Connected);

    public string ToTable()
    {
        var table = new StringBuilder();
        Line(table, "sessions", $"{Connected} of {Options.Sessions} connected, {Totals.Dropped} lost, {Options.Audio} audio, {Elapsed.TotalSeconds:0.0} s");
        Line(table, "sent", $"{Totals.FramesSent} frames, {Totals.FramesSkipped} skipped because the socket was full");
        Line(table, "received", $"{Totals.EventsReceived} events, {Totals.AudioFramesReceived} pieces of audio, {Totals.BytesReceived / Mebibyte:0.0} MiB");
        Line(table, "audio received", $"{RealTime:0.00} x real time per session, {Totals.Gaps} gaps ({Totals.SamplesMissing} samples)");
        Line(table, "server processor", $"{Value(ServerCores, "0.00")} cores, {Value(ServerCores * 1000 / Math.Max(1, Connected), "0.00")} ms/s per session");
        Line(table, "server memory", $"{Mebibytes(Baseline)} before, {Mebibytes(After)} at the end, {PeakBytes / Mebibyte:0} MiB at most, {Value(KibibytesPerSession, "0")} KiB per session");
        Line(table, "server threads", $"{After?.Threads.ToString(CultureInfo.InvariantCulture) ?? "-"}");
        Times(table, "connect", Totals.Connect);
        Times(table, "first audio", Totals.FirstAudio);
        Times(table, "audio interval", Totals.AudioInterval);
        Times(table, "silent in answer", Totals.Starved);
        Times(table, "round trip", Totals.RoundTrip);
        Times(table, "generator's lag", Totals.PacingLag);
        Line(table, "generator", $"{OwnProcessor / Elapsed:0.00} cores");
        foreach (var trouble in Totals.Troubles.OrderByDescending(trouble => trouble.Value).Take(10))
        {
            Line(table, "trouble", $"{trouble.Value} x {trouble.Key}");
        }

        return table.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(new
    {
        benchmark = "load",
        sessions = Options.Sessions,
        connected = Connected,
        lost = Totals.Dropped,
        audio = Options.Audio.ToString(),
        seconds = Round(Elapsed.TotalSeconds),
        frames_sent = Totals.FramesSent,
        frames_skipped = Totals.FramesSkipped,
        events_received = Totals.EventsReceived,
        audio_received = Totals.AudioFramesReceived,
        bytes_received = Totals.BytesReceived,
        real_time = Round(RealTime),
        gaps = Totals.Gaps,
        samples_missing = Totals.SamplesMissing,
        server_cores = Round(ServerCores),
        server_rss_before_mib = Round(Baseline?.ResidentBytes / Mebibyte),
        server_rss_after_mib = Round(After?.ResidentBytes / Mebibyte),
        server_rss_peak_mib = Round(PeakBytes / Mebibyte),
        rss_per_session_kib = Round(KibibytesPerSession),
        connect_ms = Times(Totals.Connect),
        first_audio_ms = Times(Totals.FirstAudio),
        audio_interval_ms = Times(Totals.AudioInterval),
        silent_in_answer_ms = Times(Totals.Starved),
        round_trip_ms = Times(Totals.RoundTrip),
        generator_lag_ms = Times(Totals.PacingLag),
        generator_cores = Round(OwnProcessor / Elapsed),
        troubles = Totals.Troubles,
    });

    private static void Line(StringBuilder table, string name, string text) => table.Append(CultureInfo.InvariantCulture, $"{name,-18}{text}\n");

    private static void Times(StringBuilder table, string name, Histogram times) => Line(table, name, times.Count == 0
        ? "-"
        : $"p50 {times.Percentile(50):0.0} ms, p95 {times.Percentile(95):0.0} ms, p99 {times.Percentile(99):0.0} ms, most {times.MaximumMilliseconds:0.0} ms ({times.Count})");

    private static object? Times(Histogram times) => times.Count == 0
        ? null
        : new { p50 = Round(times.Percentile(50)), p95 = Round(times.Percentile(95)), p99 = Round(times.Percentile(99)), max = Round(times.MaximumMilliseconds) };

    private static string Mebibytes(ProcessUsage? usage) => $"{Value(usage?.ResidentBytes / Mebibyte, "0")} MiB";

    private static string Value(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 3) : null;
}

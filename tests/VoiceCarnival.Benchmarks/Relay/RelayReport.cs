using System.Globalization;
using System.Text.Json;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>Results of all peers beside each other: the median where there were several rounds.</summary>
internal sealed class RelayReport(int sessions, IReadOnlyList<RelayResult> results)
{
    public const string Heading = "peer          CPU us/pair  x nginx   added p50 ms  added p99 ms  longest ms   cores   kB/session  (further)   lost";

    /// <summary>A line as it comes, against what was measured before it.</summary>
    public static string Line(RelayResult result, IReadOnlyList<RelayResult> before)
    {
        var direct = before.LastOrDefault(r => r.Peer == "direct");
        var nginx = result.Peer == "nginx" ? result : before.LastOrDefault(r => r.Peer == "nginx");
        bool isRelay = result.Peer != "direct";
        return string.Create(CultureInfo.InvariantCulture,
            $"{result.Peer,-12}  {Cell(isRelay, result.MicrosecondsPerPair, "F1"),11}  {Cell(isRelay && nginx is not null, result.MicrosecondsPerPair / nginx?.MicrosecondsPerPair, "F2"),7}"
            + $"   {Cell(true, result.Times.P50 - (isRelay ? direct?.Times.P50 ?? 0 : 0), "F2"),12}  {Cell(true, result.Times.P99 - (isRelay ? direct?.Times.P99 ?? 0 : 0), "F2"),12}  {result.Times.Longest,10:F1}"
            + $"   {Cell(isRelay, result.Processor / result.Elapsed, "F2"),5}   {Cell(isRelay, result.BytesPerSession / 1024, "F0"),10}  {Cell(isRelay, result.BytesPerFurtherSession / 1024, "F0"),9}   {result.LostFrames,4}");
    }

    /// <summary>One line per peer, the medians.</summary>
    public string ToTable()
    {
        double? nginx = Median("nginx", result => result.MicrosecondsPerPair);
        double? p50 = Median("direct", result => result.Times.P50), p99 = Median("direct", result => result.Times.P99);
        return string.Join('\n', results.Select(result => result.Peer).Distinct().Select(peer =>
        {
            bool isRelay = peer != "direct";
            double? cost = Median(peer, result => result.MicrosecondsPerPair);
            return string.Create(CultureInfo.InvariantCulture,
                $"{peer,-12}  {Cell(isRelay, cost, "F1"),11}  {Cell(isRelay, cost / nginx, "F2"),7}"
                + $"   {Cell(true, Median(peer, r => r.Times.P50) - (isRelay ? p50 ?? 0 : 0), "F2"),12}  {Cell(true, Median(peer, r => r.Times.P99) - (isRelay ? p99 ?? 0 : 0), "F2"),12}"
                + $"  {results.Where(r => r.Peer == peer).Max(r => r.Times.Longest),10:F1}   {Cell(isRelay, Median(peer, r => r.Processor / r.Elapsed), "F2"),5}"
                + $"   {Cell(isRelay, Median(peer, r => r.BytesPerSession / 1024), "F0"),10}  {Cell(isRelay, Median(peer, r => r.BytesPerFurtherSession / 1024), "F0"),9}"
                + $"   {results.Where(r => r.Peer == peer).Sum(r => r.LostFrames),4}");
        }));
    }

    public string ToJson() => JsonSerializer.Serialize(new
    {
        benchmark = "relay",
        sessions,
        results = results.Select(result => new
        {
            peer = result.Peer,
            cpu_us_per_pair = Math.Round(result.MicrosecondsPerPair, 2),
            pairs = result.Pairs,
            p50_ms = result.Times.P50,
            p99_ms = result.Times.P99,
            max_ms = result.Times.Longest,
            callers_lag_p99_ms = result.Times.Lag,
            lost_frames = result.LostFrames,
            lost_sessions = result.LostSessions,
            rss_empty_kib = result.EmptyBytes / 1024,
            rss_full_kib = result.FullBytes / 1024,
            rss_per_session_kib = Math.Round(result.BytesPerSession / 1024, 1),
            rss_per_further_session_kib = double.IsNaN(result.BytesPerFurtherSession) ? (double?)null : Math.Round(result.BytesPerFurtherSession / 1024, 1),
        }),
    });

    private static string Cell(bool isThere, double? value, string format) => isThere && value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "-";

    private double? Median(string peer, Func<RelayResult, double?> value)
    {
        double?[] values = [.. results.Where(result => result.Peer == peer).Select(value).Order()];
        return values.Length == 0 ? null : values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>What the callers have seen. Counts are of all frames so far, times of those since the last start of a measurement.</summary>
/// <param name="Open">Sessions that are open.</param>
/// <param name="Lost">Sessions whose line ended.</param>
/// <param name="Sent">Frames sent.</param>
/// <param name="Received">Frames that came back.</param>
/// <param name="P50">Median milliseconds from a frame's sending to its coming back.</param>
/// <param name="P99">The same, 99th percentile.</param>
/// <param name="Longest">The same, the longest.</param>
/// <param name="Resumed">How often the relay opened another upstream for a session.</param>
/// <param name="Lag">How late the callers themselves were with sending, milliseconds, 99th percentile.</param>
internal sealed record RelayTally(int Open, int Lost, long Sent, long Received, double? P50, double? P99, double Longest, double? Lag, int Resumed);

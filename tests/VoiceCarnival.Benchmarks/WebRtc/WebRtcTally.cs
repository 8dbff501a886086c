namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>What the callers have seen.</summary>
/// <param name="FirstMilliseconds">Of calls one after another: from the first one's offer to its first RTP.</param>
/// <param name="P50">The same of the others, median milliseconds.</param>
/// <param name="P95">The same, 95th percentile.</param>
/// <param name="Received">Of calls at a time: RTP packets that came while it was counted.</param>
/// <param name="Lost">Gaps in their numbers.</param>
/// <param name="SpacingP50">From packet to packet of a call, median milliseconds.</param>
/// <param name="SpacingP99">The same, 99th percentile.</param>
/// <param name="SpacingLongest">The same, the longest.</param>
/// <param name="Lag">How late the callers themselves were with sending, milliseconds, 99th percentile.</param>
internal sealed record WebRtcTally(
    double FirstMilliseconds, double? P50, double? P95, long Received, long Lost, double? SpacingP50, double? SpacingP99, double SpacingLongest, double? Lag);

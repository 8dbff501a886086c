namespace VoiceCarnival.Benchmarks.Media;

/// <summary>What all calls together came to.</summary>
internal sealed class MediaTotals
{
    public long Sent;

    /// <summary>From packet to packet of a call.</summary>
    public Histogram Interval { get; } = new();

    /// <summary>Set while it is measured.</summary>
    public volatile bool Counts;
}

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>One measurement of one peer.</summary>
internal sealed record RelayResult
{
    public required string Peer { get; init; }

    /// <summary>Frames that went up and came back as a delta.</summary>
    public required long Pairs { get; init; }

    /// <summary>Processor time of the relay's processes.</summary>
    public required TimeSpan Processor { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required RelayTally Times { get; init; }

    public required long LostFrames { get; init; }

    public required int LostSessions { get; init; }

    /// <summary>Resident memory before the first session.</summary>
    public required long EmptyBytes { get; init; }

    /// <summary>Resident memory at the end, with all sessions.</summary>
    public required long FullBytes { get; init; }

    /// <summary>All growth since before the first session, so with what the first one makes the process load and compile.</summary>
    public required double BytesPerSession { get; init; }

    /// <summary>Growth by the second half of the sessions alone.</summary>
    public required double BytesPerFurtherSession { get; init; }

    public double MicrosecondsPerPair => Processor.TotalMicroseconds / Math.Max(1, Pairs);
}

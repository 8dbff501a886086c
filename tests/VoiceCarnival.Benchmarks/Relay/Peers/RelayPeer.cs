namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>A relay that runs: where it listens and which processes it consists of.</summary>
internal sealed class RelayPeer(string name, int port, Func<IReadOnlyList<int>> processes, Func<ValueTask> stop) : IAsyncDisposable
{
    public string Name => name;

    public Uri Address => new($"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime");

    /// <summary>Its callers send and take audio as binary frames.</summary>
    public bool TakesBinary { get; init; }

    /// <summary>Processor time and memory of all its processes.</summary>
    public (TimeSpan Processor, long Resident) Usage()
    {
        var used = Usages();
        return (TimeSpan.FromTicks(used.Sum(u => u.Processor.Ticks)), used.Sum(u => u.ResidentBytes));
    }

    /// <summary>What each of its processes uses.</summary>
    public IReadOnlyList<ProcessUsage> Usages() => [.. processes().Select(id => ProcessUsage.Read(id)).OfType<ProcessUsage>()];

    public ValueTask DisposeAsync() => stop();
}

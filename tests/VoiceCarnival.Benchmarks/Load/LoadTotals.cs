using System.Collections.Concurrent;

namespace VoiceCarnival.Benchmarks.Load;

/// <summary>What all sessions together saw. Counted by every session at the same time.</summary>
internal sealed class LoadTotals
{
    private long _eventsReceived;
    private long _audioFramesReceived;
    private long _samplesReceived;
    private long _bytesReceived;
    private long _gaps;
    private long _samplesMissing;
    private long _framesSent;
    private long _framesSkipped;
    private long _dropped;

    /// <summary>Handshake begun to session.created.</summary>
    public Histogram Connect { get; } = new();

    /// <summary>Session.created to the first audio.</summary>
    public Histogram FirstAudio { get; } = new();

    /// <summary>Between two pieces of audio of one session.</summary>
    public Histogram AudioInterval { get; } = new();

    /// <summary>Silence within an answer, for a caller who plays it as it comes and has nothing in store: how long each lasts.</summary>
    public Histogram Starved { get; } = new();

    /// <summary>An event there and its answer back.</summary>
    public Histogram RoundTrip { get; } = new();

    /// <summary>How late this process itself was with a frame; when this grows, the load generator is what is measured.</summary>
    public Histogram PacingLag { get; } = new();

    /// <summary>Why connections were refused or lost, and which errors the server sent.</summary>
    public ConcurrentDictionary<string, long> Troubles { get; } = new(StringComparer.Ordinal);

    public long EventsReceived => Interlocked.Read(ref _eventsReceived);

    public long AudioFramesReceived => Interlocked.Read(ref _audioFramesReceived);

    public long SamplesReceived => Interlocked.Read(ref _samplesReceived);

    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    public long Gaps => Interlocked.Read(ref _gaps);

    public long SamplesMissing => Interlocked.Read(ref _samplesMissing);

    public long FramesSent => Interlocked.Read(ref _framesSent);

    public long FramesSkipped => Interlocked.Read(ref _framesSkipped);

    public long Dropped => Interlocked.Read(ref _dropped);

    public void AddMessage(int bytes) => Interlocked.Add(ref _bytesReceived, bytes);

    public void AddEvent() => Interlocked.Increment(ref _eventsReceived);

    public void AddAudio(long samples)
    {
        Interlocked.Increment(ref _audioFramesReceived);
        Interlocked.Add(ref _samplesReceived, samples);
    }

    public void AddGap(long samples)
    {
        Interlocked.Increment(ref _gaps);
        Interlocked.Add(ref _samplesMissing, samples);
    }

    public void AddSent() => Interlocked.Increment(ref _framesSent);

    public void AddSkipped() => Interlocked.Increment(ref _framesSkipped);

    public void AddDropped(string why)
    {
        Interlocked.Increment(ref _dropped);
        AddTrouble(why);
    }

    public void AddTrouble(string what) => Troubles.AddOrUpdate(what, 1, (_, count) => count + 1);
}

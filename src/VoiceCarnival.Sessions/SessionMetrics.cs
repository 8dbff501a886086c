using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VoiceCarnival.Sessions;

/// <summary>The <c>VoiceCarnival.Sessions</c> meter and activity source. Tags: <c>transport</c>, <c>engine</c>, <c>termination</c>, <c>code</c>, <c>direction</c>, <c>model</c>, <c>limit</c>, <c>stage</c>.</summary>
public sealed class SessionMetrics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "VoiceCarnival.Sessions";

    /// <summary>One activity per session.</summary>
    public static readonly ActivitySource Activities = new(Name);

    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _turns;
    private readonly Counter<long> _interruptions;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _resumed;
    private readonly Counter<double> _spent;
    private readonly Counter<long> _limitsReached;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstAudio;
    private readonly Histogram<double> _stage;

    /// <summary>Creates the instruments.</summary>
    public SessionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        var latency = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 5] };
        var minutes = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 5, 15, 60, 180, 600, 1800, 3600] };
        _active = meter.CreateUpDownCounter<long>("voicecarnival.sessions.active", "{session}", "Sessions open now.");
        _ended = meter.CreateCounter<long>("voicecarnival.sessions.ended", "{session}", "Sessions ended, by termination.");
        _refused = meter.CreateCounter<long>("voicecarnival.sessions.refused", "{session}", "Sessions refused, by error code.");
        _turns = meter.CreateCounter<long>("voicecarnival.turns", "{turn}", "Responses begun.");
        _interruptions = meter.CreateCounter<long>("voicecarnival.interruptions", "{turn}", "Responses cut off by the caller's speech.");
        _errors = meter.CreateCounter<long>("voicecarnival.errors", "{error}", "Error events sent to callers, by code.");
        _bytes = meter.CreateCounter<long>("voicecarnival.bytes", "By", "Events and audio, by direction.");
        _dropped = meter.CreateCounter<long>("voicecarnival.audio.dropped", "ms", "Audio dropped for want of room.");
        _resumed = meter.CreateCounter<long>("voicecarnival.sessions.resumed", "{session}", "Callers that came back to their session.");
        _spent = meter.CreateCounter<double>("voicecarnival.spend", "{USD}", "What sessions cost, by model, as the price table has it.");
        _limitsReached = meter.CreateCounter<long>("voicecarnival.limits.reached", "{session}", "Sessions ended by a limit of minutes, idle time or money, by limit.");
        _duration = meter.CreateHistogram("voicecarnival.session.duration", "s", "Length of sessions.", advice: minutes);
        _firstAudio = meter.CreateHistogram("voicecarnival.turn.first_audio", "s", "From the end of the caller's speech, as detected, to the first audio out.", advice: latency);
        _stage = meter.CreateHistogram("voicecarnival.turn.stage", "s", "Parts of that time, by stage: silence (before it), recognition, thinking, speaking, sending.", advice: latency);
    }

    internal void Started(in TagList tags) => _active.Add(1, tags);

    internal void Ended(in TagList tags, SessionTermination termination, TimeSpan duration, SessionStatistics statistics)
    {
        _active.Add(-1, tags);
        _duration.Record(duration.TotalSeconds, tags);
        _bytes.Add(statistics.BytesIn, With(tags, "direction", "in"));
        _bytes.Add(statistics.BytesOut, With(tags, "direction", "out"));
        if (statistics.DroppedAudioMilliseconds > 0)
            _dropped.Add(statistics.DroppedAudioMilliseconds, tags);
        _ended.Add(1, With(tags, "termination", termination.Kind.ToString()));
    }

    internal void Refused(string transport, string? code) =>
        _refused.Add(1, new TagList { { "transport", transport }, { "code", code } });

    internal void Turn(in TagList tags) => _turns.Add(1, tags);

    internal void Interruption(in TagList tags) => _interruptions.Add(1, tags);

    internal void Error(in TagList tags, string? code) => _errors.Add(1, With(tags, "code", code));

    internal void FirstAudio(in TagList tags, TimeSpan latency) => _firstAudio.Record(latency.TotalSeconds, tags);

    internal void Measured(in TagList tags, TurnLatency latency)
    {
        if (latency.Silence is { } silence)
            _stage.Record(silence.TotalSeconds, With(tags, "stage", "silence"));
        _stage.Record(latency.Recognition.TotalSeconds, With(tags, "stage", "recognition"));
        _stage.Record(latency.Thinking.TotalSeconds, With(tags, "stage", "thinking"));
        _stage.Record(latency.Speaking.TotalSeconds, With(tags, "stage", "speaking"));
        _stage.Record(latency.Sending.TotalSeconds, With(tags, "stage", "sending"));
    }

    internal void Spent(string transport, string engine, string model, decimal usd) =>
        _spent.Add((double)usd, new TagList { { "transport", transport }, { "engine", engine }, { "model", model } });

    internal void LimitReached(string transport, string limit) => _limitsReached.Add(1, new TagList { { "transport", transport }, { "limit", limit } });

    internal void Resumed(in TagList tags) => _resumed.Add(1, tags);

    private static TagList With(TagList tags, string key, string? value)
    {
        tags.Add(key, value);
        return tags;
    }
}

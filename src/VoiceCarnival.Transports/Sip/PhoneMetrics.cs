using System.Diagnostics;
using System.Diagnostics.Metrics;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>The <c>VoiceCarnival.Sip</c> meter: calls, and how good their audio was. Tags: <c>direction</c>, <c>codec</c>, <c>agent</c>.</summary>
internal sealed class PhoneMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "VoiceCarnival.Sip";

    private readonly Histogram<double> _mos;
    private readonly Histogram<double> _jitter;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _received;

    public PhoneMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        var scores = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4] };
        var times = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 40, 80, 160] };
        _mos = meter.CreateHistogram("voicecarnival.sip.call.mos", "1", "Estimated quality of the caller's voice (E-model), by call.", advice: scores);
        _jitter = meter.CreateHistogram("voicecarnival.sip.call.jitter", "ms", "Jitter of the caller's packets at the end of a call.", advice: times);
        _lost = meter.CreateCounter<long>("voicecarnival.sip.packets.lost", "{packet}", "Callers' packets that did not come.");
        _received = meter.CreateCounter<long>("voicecarnival.sip.packets.received", "{packet}", "Callers' packets that came.");
        meter.CreateObservableGauge("voicecarnival.sip.calls", () => (long)(Calls?.Invoke() ?? 0), "{call}", "Phone calls that ring or run.");
    }

    /// <summary>Counts calls.</summary>
    public Func<int>? Calls { get; set; }

    /// <summary>A call with audio is over.</summary>
    public void Ended(MediaStatistics media, string agent, bool isIncoming)
    {
        var tags = new TagList { { "direction", isIncoming ? "in" : "out" }, { "codec", media.Codec }, { "agent", agent } };
        if (media.Mos is { } mos)
            _mos.Record(mos, tags);
        _jitter.Record(media.JitterMilliseconds, tags);
        _lost.Add(Math.Max(0, media.PacketsLost), tags);
        _received.Add(media.PacketsReceived, tags);
    }
}

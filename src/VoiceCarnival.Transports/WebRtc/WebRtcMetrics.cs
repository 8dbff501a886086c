using System.Diagnostics.Metrics;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>The <c>VoiceCarnival.WebRtc</c> meter. Tags: <c>reason</c>, <c>outcome</c>, <c>network</c> (<c>udp</c>, <c>tcp</c>), <c>end</c>.</summary>
internal sealed class WebRtcMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "VoiceCarnival.WebRtc";

    private static readonly double[] Seconds = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 10, 20];
    private readonly Histogram<double> _connect;
    private readonly Histogram<double> _handshake;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _restarts;

    /// <summary>Creates the instruments.</summary>
    public WebRtcMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds };
        _connect = meter.CreateHistogram("voicecarnival.webrtc.connect.duration", "s", "From the offer to a safe line, by network.", advice: advice);
        _handshake = meter.CreateHistogram("voicecarnival.webrtc.handshake.duration", "s", "DTLS handshakes, by outcome.", advice: advice);
        _dropped = meter.CreateCounter<long>("voicecarnival.webrtc.datagrams.dropped", "{datagram}", "Datagrams that were not taken, by reason.");
        _ended = meter.CreateCounter<long>("voicecarnival.webrtc.peers.ended", "{peer}", "Browsers that are gone by their own or the network's doing, by how.");
        _restarts = meter.CreateCounter<long>("voicecarnival.webrtc.ice.restarts", "{restart}", "Restarts of ICE that browsers asked for.");
    }

    /// <summary>A line is safe.</summary>
    public void Connected(TimeSpan took, IceTransport network) =>
        _connect.Record(took.TotalSeconds, new KeyValuePair<string, object?>("network", network == IceTransport.Tcp ? "tcp" : "udp"));

    /// <summary>A handshake is over.</summary>
    public void HandshakeEnded(TimeSpan took, bool succeeded) =>
        _handshake.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", succeeded ? "secured" : "failed"));

    /// <summary>A datagram was not taken. Costs no allocation: floods are what this counts.</summary>
    public void Dropped(DropReason reason)
    {
        if (_dropped.Enabled)
            _dropped.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));
    }

    /// <summary>A peer is gone.</summary>
    public void Ended(PeerEnd end) => _ended.Add(1, new KeyValuePair<string, object?>("end", NameOf(end)));

    /// <summary>ICE begins anew.</summary>
    public void Restarted() => _restarts.Add(1);

    private static string NameOf(DropReason reason) => reason switch
    {
        DropReason.Unknown => "unknown",
        DropReason.Malformed => "malformed",
        DropReason.Stranger => "stranger",
        DropReason.NotAuthentic => "not_authentic",
        DropReason.Replayed => "replayed",
        DropReason.Taken => "taken",
        _ => "too_early",
    };

    private static string NameOf(PeerEnd end) => end switch
    {
        PeerEnd.NeverCame => "never_came",
        PeerEnd.HandshakeFailed => "handshake_failed",
        PeerEnd.HungUp => "hung_up",
        PeerEnd.Left => "left",
        PeerEnd.Silent => "silent",
        PeerEnd.TooSlow => "too_slow",
        _ => "fault",
    };
}

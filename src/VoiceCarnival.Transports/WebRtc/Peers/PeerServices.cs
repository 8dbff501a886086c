using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Transports.WebRtc.Dtls;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>What all peers share: the table of who is where, the certificate, the threads for handshakes, the clock.</summary>
internal sealed class PeerServices(IOptions<WebRtcOptions> options, WebRtcMetrics metrics, TimeProvider time, ILogger<WebRtcPeer> logger)
{
    private readonly Lazy<DtlsIdentity> _identity = new(() => new DtlsIdentity(time));
    private readonly long _epoch = time.GetTimestamp();

    /// <summary>The settings.</summary>
    public WebRtcOptions Options => options.Value;

    /// <summary>Who is where.</summary>
    public PeerTable<WebRtcPeer> Table { get; } = new();

    /// <summary>Our certificate, made when first needed.</summary>
    public DtlsIdentity Identity => _identity.Value;

    /// <summary>Where handshakes run.</summary>
    public HandshakeThreads Handshakes { get; } = new(options.Value.MaxHandshakes);

    /// <summary>What is counted.</summary>
    public WebRtcMetrics Metrics => metrics;

    /// <summary>For timers.</summary>
    public TimeProvider Time => time;

    /// <summary>The time that all peers go by.</summary>
    public TimeSpan Now => time.GetElapsedTime(_epoch);

    /// <summary>For defects and figures.</summary>
    public ILogger Logger => logger;
}

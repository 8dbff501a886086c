using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>One side of a handshake.</summary>
internal interface IDtlsSide
{
    /// <summary>The keys for SRTP once the handshake is through; null when none were agreed on. The taker disposes of them.</summary>
    SrtpKeyingMaterial? Keys { get; }
}

using System.Globalization;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>Synchronisation source: who sends an RTP stream (RFC 3550, section 3). Chosen at random by the sender.</summary>
/// <param name="Value">The number as it stands in packets.</param>
public readonly record struct Ssrc(uint Value)
{
    /// <summary>As it stands in SDP (RFC 5576).</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

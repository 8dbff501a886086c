using System.Globalization;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>What an RTP packet carries, 0 to 127 (RFC 3550, section 5.1; static assignments of RFC 3551, section 6).</summary>
/// <param name="Value">The number; 96 to 127 get their meaning from SDP.</param>
public readonly record struct PayloadType(byte Value)
{
    /// <summary>The highest number that seven bits hold.</summary>
    public const byte Highest = 127;

    /// <summary>G.711 mu-law, 8000 Hz.</summary>
    public static PayloadType Pcmu => new(0);

    /// <summary>G.711 A-law, 8000 Hz.</summary>
    public static PayloadType Pcma => new(8);

    /// <summary>G.722: 16 kHz audio with an RTP clock of 8000 Hz (RFC 3551, section 4.5.2).</summary>
    public static PayloadType G722 => new(9);

    /// <summary>Comfort noise (RFC 3389).</summary>
    public static PayloadType ComfortNoise => new(13);

    /// <summary>Its meaning comes from SDP alone.</summary>
    public bool IsDynamic => Value >= 96;

    /// <summary>As it stands in SDP.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

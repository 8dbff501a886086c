using System.Globalization;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>The number of an RTP packet; after 65535 comes 0 (RFC 3550, section 5.1).</summary>
/// <param name="Value">The number as it stands in packets.</param>
public readonly record struct SequenceNumber(ushort Value)
{
    /// <summary>The number after this one.</summary>
    public SequenceNumber Next => new((ushort)(Value + 1));

    /// <summary>The shorter way to another number, -32768 to 32767: negative when that one comes before this one.</summary>
    public int DistanceTo(SequenceNumber other) => (short)(other.Value - Value);

    /// <summary>Comes after the other by less than half the circle.</summary>
    public bool IsAfter(SequenceNumber other) => other.DistanceTo(this) > 0;

    /// <summary>The number as text.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

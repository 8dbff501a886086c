using System.Net;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Our side of a phone call's audio.</summary>
public sealed class AudioOptions
{
    /// <summary>A number for the session, below 2^63, drawn at random.</summary>
    public required ulong SessionId { get; init; }

    /// <summary>Where we want the peer's packets.</summary>
    public required IPEndPoint Local { get; init; }

    /// <summary>What we can code, the preferred first.</summary>
    public required IReadOnlyList<RtpCodec> Codecs { get; init; }

    /// <summary>Whether audio is encrypted.</summary>
    public SrtpUse Srtp { get; init; } = SrtpUse.Never;

    /// <summary>30 random bytes for our key; wanted where audio may be encrypted.</summary>
    public byte[] KeyEntropy { get; init; } = [];

    /// <summary>Milliseconds of audio in a packet, when the peer asks for nothing else.</summary>
    public int PacketTime { get; init; } = 20;

    internal SrtpMasterKey CreateKey(SrtpProfile profile) => new(profile, KeyEntropy.AsSpan(0, SrtpProfiles.KeyLength), KeyEntropy.AsSpan(SrtpProfiles.KeyLength, profile.SaltLength()));
}

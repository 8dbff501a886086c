using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>What offer and answer agreed on for the audio of one call.</summary>
public sealed record AudioCallOptions
{
    /// <summary>What we send.</summary>
    public required AudioCodec Codec { get; init; }

    /// <summary>Its payload type.</summary>
    public required PayloadType PayloadType { get; init; }

    /// <summary>What else the peer may send, beside <see cref="Codec"/>: an answer with several codecs allows it to change at any time.</summary>
    public IReadOnlyDictionary<PayloadType, AudioCodec> AlsoReceived { get; init; } = new Dictionary<PayloadType, AudioCodec>();

    /// <summary>Payload types of keys that the peer may send (RFC 4733), whatever their clock.</summary>
    public IReadOnlyCollection<PayloadType> Keys { get; init; } = [];

    /// <summary>Payload type and clock of keys that we send; null when the peer takes none.</summary>
    public (PayloadType PayloadType, int ClockRate)? SentKeys { get; init; }

    /// <summary>Payload type of comfort noise; null when there is none.</summary>
    public PayloadType? ComfortNoise { get; init; }

    /// <summary>Our source.</summary>
    public required Ssrc Ssrc { get; init; }

    /// <summary>Our canonical name, for RTCP.</summary>
    public required string Cname { get; init; }

    /// <summary>Audio goes to the peer.</summary>
    public bool Sends { get; init; } = true;

    /// <summary>Audio is taken from the peer.</summary>
    public bool Receives { get; init; } = true;
}

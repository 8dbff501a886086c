namespace VoiceCarnival.Protocols.Sip;

/// <summary>What a stream of bytes has next.</summary>
public enum SipStreamStatus
{
    /// <summary>Nothing whole yet.</summary>
    NeedsMore,

    /// <summary>A message.</summary>
    Message,

    /// <summary>A double CR LF: the peer asks whether we are there, and is answered with a single one (RFC 5626, section 4.4.1).</summary>
    Ping,

    /// <summary>Where the next message begins cannot be known any more. What there is may be read to answer it with a fault; then the stream is closed.</summary>
    Broken,
}

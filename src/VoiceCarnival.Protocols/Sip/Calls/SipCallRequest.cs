using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>A call to be made.</summary>
public sealed class SipCallRequest
{
    /// <summary>Whom to call: a SIP or tel URI.</summary>
    public required string To { get; init; }

    /// <summary>Who we say we are: a SIP URI.</summary>
    public required string From { get; init; }

    /// <summary>Our name; null for none.</summary>
    public string? FromName { get; init; }

    /// <summary>Where the INVITE goes, and from where: the trunk, or the address in <see cref="To"/>. <see cref="SipPath.Remote"/> is where it really goes.</summary>
    public required SipPath Path { get; init; }

    /// <summary>Our side of the audio.</summary>
    public required AudioNegotiation Media { get; init; }

    /// <summary>For a peer that asks; null when we have none.</summary>
    public SipCredentials? Credentials { get; init; }

    /// <summary>Further headers; those that cannot be written are left out.</summary>
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];
}

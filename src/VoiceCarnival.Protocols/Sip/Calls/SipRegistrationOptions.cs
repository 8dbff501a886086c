using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Where and as whom to register.</summary>
public sealed class SipRegistrationOptions
{
    /// <summary>Who we are there, such as <c>sip:agent@example.com</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The registrars, the preferred first; when one fails, the next is tried. <see cref="SipPath.Remote"/> is where it is.</summary>
    public required IReadOnlyList<SipPath> Registrars { get; init; }

    /// <summary>Name and password; null when none are asked for.</summary>
    public SipCredentials? Credentials { get; init; }

    /// <summary>How long a registration is to hold.</summary>
    public TimeSpan Expires { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long to wait when all registrars have failed; doubles each time up to ten minutes.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(15);
}

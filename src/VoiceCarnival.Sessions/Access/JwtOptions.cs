using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions.Access;

/// <summary>
/// Tokens of the operator's identity provider (RFC 7519) as callers' keys, <c>VoiceCarnival:Access:Jwt</c>. Off until one of <see cref="Authority"/>, <see cref="PemFile"/> and
/// <see cref="SigningKey"/> says how signatures are checked.
/// </summary>
public sealed class JwtOptions
{
    /// <summary>The provider's URL, <c>/.well-known/openid-configuration</c> below it: keys and issuer come from there (OpenID Connect Discovery 1.0).</summary>
    public string? Authority { get; set; }

    /// <summary>A file with the provider's public keys or certificates in PEM, several while one replaces another.</summary>
    public string? PemFile { get; set; }

    /// <summary>A secret shared with the issuer, of 32 bytes or more in UTF-8, for HS256 to HS512.</summary>
    public Secret SigningKey { get; set; } = Secret.None;

    /// <summary>The <c>iss</c> that tokens must have. May be left out with <see cref="Authority"/>, whose own it is then.</summary>
    public string? Issuer { get; set; }

    /// <summary>The <c>aud</c> that tokens must have: this server, as the provider knows it.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names the user for limits and, hashed, for the service behind us.</summary>
    [Required]
    public string NameClaim { get; set; } = "sub";

    /// <summary>How far the provider's clock may be from ours, seconds.</summary>
    [Range(0, 300)]
    public int ClockSkewSeconds { get; set; } = 30;

    /// <summary>Such callers are systems of the operator's own, which <c>VoiceCarnival:Policy</c> does not bind. By default they are end users, whom it does bind.</summary>
    public bool Trusted { get; set; }

    /// <summary>True when tokens are accepted.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(Authority) || !string.IsNullOrWhiteSpace(PemFile) || !SigningKey.IsEmpty;
}

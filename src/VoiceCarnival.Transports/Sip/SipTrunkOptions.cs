using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.Sip;

/// <summary>A provider or PBX that calls of ours go through, one of <c>VoiceCarnival:Sip:Trunks</c>. Its addresses count as peers.</summary>
public sealed class SipTrunkOptions
{
    /// <summary>What it is called, for people and the API.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where it is: names or addresses, with a port or without, the preferred first. Names without a port are looked up as services (SRV) first.</summary>
    public List<string> Hosts { get; set; } = [];

    /// <summary><c>udp</c>, <c>tcp</c> or <c>tls</c>.</summary>
    [AllowedValues("udp", "tcp", "tls", ErrorMessage = "must be 'udp', 'tcp' or 'tls'")]
    public string Transport { get; set; } = "udp";

    /// <summary>Its domain in addresses; none: the first of <see cref="Hosts"/>.</summary>
    public string? Domain { get; set; }

    /// <summary>Our name there.</summary>
    public string User { get; set; } = "";

    /// <summary>Name for authentication, when it is another one.</summary>
    public string? AuthenticationUser { get; set; }

    /// <summary>Our password there; none: we are known by address.</summary>
    public Secret Password { get; set; } = Secret.None;

    /// <summary>We register there, so that its calls for <see cref="User"/> come here.</summary>
    public bool Registers { get; set; }

    /// <summary>How long a registration is to hold.</summary>
    [Range(30, 86_400)]
    public int ExpiresSeconds { get; set; } = 600;

    /// <summary>Whom it is used for, with <c>*</c> and <c>?</c>; none: everybody.</summary>
    public List<string> Destinations { get; set; } = [];

    /// <summary>Audio is encrypted with keys in the SDP.</summary>
    public bool Encrypts { get; set; }

    internal string DomainName => Domain is { Length: > 0 } domain ? domain : Hosts.Count == 0 ? "" : Hosts[0];

    internal string Address => $"sip:{(User.Length > 0 ? User : "agent")}@{DomainName}";
}

using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>One STUN or TURN server that callers may use to reach us (W3C WebRTC, RTCIceServer).</summary>
public sealed class IceServerOptions
{
    /// <summary><c>stun:</c>, <c>turn:</c> or <c>turns:</c> URLs.</summary>
    public string[] Urls { get; set; } = [];

    /// <summary>User name for TURN. With <see cref="SharedSecret"/> it becomes the part after the colon.</summary>
    public string? Username { get; set; }

    /// <summary>Password for TURN that is the same for everybody.</summary>
    public Secret Credential { get; set; } = Secret.None;

    /// <summary>Secret shared with the TURN server, from which each caller gets a password that runs out (coturn's <c>static-auth-secret</c>).</summary>
    public Secret SharedSecret { get; set; } = Secret.None;

    /// <summary>How long such a password is good, seconds.</summary>
    [Range(60, 86_400)]
    public int LifetimeSeconds { get; set; } = 3600;
}

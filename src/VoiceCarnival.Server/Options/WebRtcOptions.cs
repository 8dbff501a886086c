using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Server.Options;

/// <summary><c>VoiceCarnival:WebRtc</c>. The transport is not built yet; its settings have their names.</summary>
internal sealed class WebRtcOptions
{
    public bool Enabled { get; set; }

    [Range(0, 65_535)]
    public int UdpPort { get; set; }

    /// <summary>Address that peers reach us at, when it is not the one we listen on.</summary>
    public string? PublicAddress { get; set; }

    public string[] IceServers { get; set; } = [];
}

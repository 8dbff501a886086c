using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Server.Options;

/// <summary><c>VoiceCarnival:Sip</c>. The transport is not built yet; its settings have their names.</summary>
internal sealed class SipOptions
{
    public bool Enabled { get; set; }

    [Range(1, 65_535)]
    public int Port { get; set; } = 5060;

    [Range(1, 65_535)]
    public int TlsPort { get; set; } = 5061;

    /// <summary>Address that peers reach us at, when it is not the one we listen on.</summary>
    public string? PublicAddress { get; set; }
}

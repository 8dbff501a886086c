using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions.Access;

/// <summary>One API key of the operator's: the key itself or its hash.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>Whose key it is, for logs and limits.</summary>
    public string Name { get; set; } = "";

    /// <summary>The key. Leave empty when <see cref="Sha256"/> is given.</summary>
    public Secret Key { get; set; } = Secret.None;

    /// <summary>SHA-256 of the key's UTF-8 bytes in hex, so that the key itself need not be in the settings.</summary>
    public string? Sha256 { get; set; }
}

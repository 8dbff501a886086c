namespace VoiceCarnival.Server.Options;

/// <summary>Settings directly under <c>VoiceCarnival</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "VoiceCarnival";

    /// <summary>Who answers.</summary>
    public EngineChoice Engine { get; set; }
}

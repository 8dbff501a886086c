using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>What to do with phone calls of a kind. SIP headers are what the caller claims: they choose a route and never prove who somebody is.</summary>
public sealed class CallRoute
{
    /// <summary>For the log.</summary>
    public string? Name { get; set; }

    /// <summary>Patterns by SIP header, all of which must match; none matches every call. See <see cref="HeaderPattern"/>.</summary>
    public Dictionary<string, string> Match { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What to do.</summary>
    public CallAction Action { get; set; } = CallAction.Accept;

    /// <summary>SIP status of a rejection.</summary>
    [Range(300, 699)]
    public int StatusCode { get; set; } = 603;

    /// <summary>Model; null for the default one.</summary>
    public string? Model { get; set; }

    /// <summary>Voice; null for the default one.</summary>
    public string? Voice { get; set; }

    /// <summary>Instructions; null for those of <c>VoiceCarnival:Policy</c>.</summary>
    public string? Instructions { get; set; }

    /// <summary>Tools, a JSON array as text; null for those of <c>VoiceCarnival:Policy</c>.</summary>
    public string? Tools { get; set; }

    /// <summary>Instructions of a first response, when the caller is to be greeted; null waits for the caller to speak.</summary>
    public string? Greeting { get; set; }
}

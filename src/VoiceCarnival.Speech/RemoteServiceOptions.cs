using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Speech;

/// <summary>A server that speaks OpenAI's HTTP API: OpenAI's own, or one on the operator's machines.</summary>
public abstract class RemoteServiceOptions
{
    /// <summary>Where its API begins, such as <c>http://localhost:11434/v1</c>; OpenAI's own when it is not set.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Its key; servers on one's own machines often want none.</summary>
    public Secret ApiKey { get; set; } = Secret.None;

    /// <summary>The model to ask for, by the server's own name.</summary>
    public string? Model { get; set; }

    /// <summary>Longest wait for its answer, and between the parts of one that is streamed, seconds.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; set; } = 20;
}

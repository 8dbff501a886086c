using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>What to mint. All of it is optional, an empty body too.</summary>
/// <param name="ExpiresAfter">How long the secret may start sessions.</param>
/// <param name="Session">Session fields that each session starts with, as in <c>session.update</c>.</param>
internal sealed record TokenRequest(TokenExpiry? ExpiresAfter, JsonElement? Session)
{
    public static TokenRequest Empty { get; } = new(null, null);
}

/// <summary>Lifetime of a client secret.</summary>
/// <param name="Anchor">Only <c>created_at</c>.</param>
/// <param name="Seconds">10 to 7200.</param>
internal sealed record TokenExpiry(string? Anchor, [property: Range(10, 7200)] int Seconds = 600);

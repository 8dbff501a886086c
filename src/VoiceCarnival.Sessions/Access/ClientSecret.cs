using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>A client secret as its minter gets it, the only time that its value is known.</summary>
/// <param name="Value"><c>ek_…</c></param>
/// <param name="ExpiresAt">Until when it may start sessions; sessions that run go on.</param>
public sealed record ClientSecret(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>Hides the value.</summary>
    public override string ToString() => $"ClientSecret (expires {ExpiresAt:O})";
}

/// <summary>What a shown client secret stands for.</summary>
/// <param name="Id">Names the secret in logs and limits; does not help to guess it.</param>
/// <param name="Session">Session fields bound to it; undefined when there are none.</param>
/// <param name="Owner">By which name its sessions count, when not by its own.</param>
public sealed record RedeemedClientSecret(string Id, JsonElement Session, string? Owner = null);

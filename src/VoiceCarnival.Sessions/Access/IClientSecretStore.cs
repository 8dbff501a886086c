using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Short-lived secrets for browsers and other frontends. The seam for a store that several machines share.</summary>
public interface IClientSecretStore
{
    /// <summary>Makes a secret that starts sessions until it expires.</summary>
    /// <param name="session">Session fields to bind to it, copied; undefined for none.</param>
    /// <param name="lifetime">10 seconds to 2 hours.</param>
    /// <param name="owner">By which name its sessions count; null: by the secret's own.</param>
    ClientSecret Mint(JsonElement session, TimeSpan lifetime, string? owner = null);

    /// <summary>Knows a secret that was made elsewhere, until it expires.</summary>
    void Adopt(string value, JsonElement session, DateTimeOffset expiresAt, string? owner = null);

    /// <summary>Looks a secret up; null when it is unknown or expired. May be done any number of times.</summary>
    RedeemedClientSecret? Redeem(string value);
}

using System.Net;
using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Makes client secrets where the engine that answers wants them made: here, or at the service behind it.</summary>
public interface IClientSecretMinter
{
    /// <summary>Makes a secret that starts sessions until it expires.</summary>
    /// <param name="session">Session fields to bind to it; undefined for none.</param>
    /// <param name="lifetime">10 seconds to 2 hours.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="address">Where from.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    ValueTask<ClientSecretMinting> MintAsync(JsonElement session, TimeSpan lifetime, Caller caller, IPAddress? address, CancellationToken cancellationToken);
}

/// <summary>Outcome: a secret or a refusal, never both.</summary>
public readonly record struct ClientSecretMinting(MintedClientSecret? Secret, SessionRefusal? Refusal);

/// <summary>A client secret with what it opens.</summary>
/// <param name="Value"><c>ek_…</c></param>
/// <param name="ExpiresAt">Unix seconds until which it starts sessions.</param>
/// <param name="Session">The session it would start now, with all defaults filled.</param>
/// <param name="DirectCallsUrl">Where a browser may post a WebRTC offer with it past this server; null when there is no such place.</param>
public sealed record MintedClientSecret(string Value, long ExpiresAt, JsonElement Session, string? DirectCallsUrl)
{
    /// <summary>Hides the value.</summary>
    public override string ToString() => $"MintedClientSecret (expires {ExpiresAt})";
}

using System.Net;
using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Secrets of our own, for engines that need none of theirs.</summary>
public sealed class ClientSecretMinter(IVoiceEngine engine, IClientSecretStore secrets) : IClientSecretMinter
{
    private static readonly JsonElement NoFields = JsonDocument.Parse("{}").RootElement.Clone();

    /// <inheritdoc/>
    public ValueTask<ClientSecretMinting> MintAsync(JsonElement session, TimeSpan lifetime, Caller caller, IPAddress? address, CancellationToken cancellationToken)
    {
        var preview = engine.Preview(session.ValueKind == JsonValueKind.Undefined ? NoFields : session);
        if (preview.Error is { } error)
            return ValueTask.FromResult(new ClientSecretMinting(null, new SessionRefusal(400, error)));
        var secret = secrets.Mint(session, lifetime, caller.SecretOwner);
        using var effective = JsonDocument.Parse(preview.Session);
        return ValueTask.FromResult(new ClientSecretMinting(
            new MintedClientSecret(secret.Value, secret.ExpiresAt.ToUnixTimeSeconds(), effective.RootElement.Clone(), null), null));
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Knows the operator's API keys and the client secrets that were minted.</summary>
public sealed class CallerAuthenticator : ICallerAuthenticator
{
    private const int LongestKey = 4096;

    private readonly IClientSecretStore _secrets;
    private readonly AuthenticationMode _mode;
    private readonly (byte[] Hash, Caller Caller)[] _keys;

    /// <summary>Reads the keys once; they do not change while the server runs.</summary>
    public CallerAuthenticator(IOptions<AccessOptions> options, IClientSecretStore secrets)
    {
        _secrets = secrets;
        _mode = options.Value.Authentication;
        _keys = [.. options.Value.ApiKeys.Select(key => (
            string.IsNullOrEmpty(key.Sha256) ? Hash(key.Key.Reveal()) : Convert.FromHexString(key.Sha256),
            new Caller(CallerKind.ApiKey, key.Name)))];
    }

    /// <summary>Whether a caller on such a connection must show a key.</summary>
    public bool IsRequired(bool isLoopback) =>
        _mode == AuthenticationMode.Required || (_mode == AuthenticationMode.Auto && !isLoopback);

    /// <inheritdoc/>
    public CallerAuthentication Authenticate(string? key, bool isLoopback)
    {
        if (key is not null && key.StartsWith(ClientSecretStore.Prefix, StringComparison.Ordinal))
        {
            return _secrets.Redeem(key) is { } secret
                ? new(new Caller(CallerKind.ClientSecret, secret.Id, secret.Session), null)
                : Refuse("This client secret is unknown or has expired. Mint a new one with POST /api/ephemeral-token.");
        }

        if (!string.IsNullOrEmpty(key) && Find(key) is { } known)
            return new(known, null);
        if (!IsRequired(isLoopback))
            return new(Caller.Anonymous, null);
        if (_keys.Length == 0)
        {
            return Refuse("This server asks callers for a key but has none configured, so nobody can call it from another machine. "
                + "Its operator can set VoiceCarnival:Access:ApiKeys, or VoiceCarnival:Access:Authentication to off.");
        }

        return Refuse(string.IsNullOrEmpty(key)
            ? "No API key was sent. Send the header 'Authorization: Bearer <key>', or from a browser the WebSocket subprotocol 'openai-insecure-api-key.<client secret>'."
            : "This API key is not known here. Ask the server's operator for one, or mint a client secret with POST /api/ephemeral-token.");
    }

    // Looks at every key, found or not, so that the time taken tells nothing.
    private Caller? Find(string key)
    {
        if (key.Length > LongestKey)
            return null;
        byte[] hash = Hash(key);
        Caller? found = null;
        foreach (var (expected, caller) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(expected, hash))
                found = caller;
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static CallerAuthentication Refuse(string message) =>
        new(null, new SessionRefusal(401, RealtimeError.Invalid(RealtimeErrorCodes.InvalidApiKey, message)));
}

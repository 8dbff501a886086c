using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Knows the operator's API keys, the client secrets that were minted, and the users whose tokens the middleware has checked.</summary>
public sealed class CallerAuthenticator : ICallerAuthenticator
{
    private const int LongestKey = 4096;
    private const int LongestName = 256;
    private const string UserPrefix = "user:"; // keeps a user who is called like a key or a secret apart from it

    private readonly IClientSecretStore _secrets;
    private readonly AuthenticationMode _mode;
    private readonly JwtOptions _jwt;
    private readonly (byte[] Hash, Caller Caller)[] _keys;

    /// <summary>Reads the keys once; they do not change while the server runs.</summary>
    public CallerAuthenticator(IOptions<AccessOptions> options, IClientSecretStore secrets)
    {
        _secrets = secrets;
        _mode = options.Value.Authentication;
        _jwt = options.Value.Jwt;
        _keys = [.. options.Value.ApiKeys.Select(key => (
            string.IsNullOrEmpty(key.Sha256) ? Hash(key.Key.Reveal()) : Convert.FromHexString(key.Sha256),
            new Caller(CallerKind.ApiKey, key.Name)))];
    }

    /// <summary>Whether a caller on such a connection must show a key.</summary>
    public bool IsRequired(bool isLoopback) =>
        _mode == AuthenticationMode.Required || (_mode == AuthenticationMode.Auto && !isLoopback);

    /// <inheritdoc/>
    public CallerAuthentication Authenticate(HttpContext context)
    {
        string? key = HttpCaller.KeyOf(context);
        // A client secret is always checked, also where another key counts: whoever sends a stale one should hear of it.
        foreach (string other in HttpCaller.KeysOf(context).Skip(1))
        {
            if (other.StartsWith(ClientSecretStore.Prefix, StringComparison.Ordinal) && _secrets.Redeem(other) is null)
                return UnknownSecret;
        }

        return _jwt.IsConfigured && HttpCaller.IsToken(key) && Find(key) is null
            ? OfToken(context)
            : Authenticate(key, HttpCaller.IsLoopback(context));
    }

    /// <inheritdoc/>
    public CallerAuthentication Authenticate(string? key, bool isLoopback)
    {
        if (key is not null && key.StartsWith(ClientSecretStore.Prefix, StringComparison.Ordinal))
        {
            return _secrets.Redeem(key) is { } secret
                ? new(new Caller(CallerKind.ClientSecret, secret.Owner ?? secret.Id, secret.Session), null)
                : UnknownSecret;
        }

        if (!string.IsNullOrEmpty(key) && Find(key) is { } known)
            return new(known, null);
        if (!IsRequired(isLoopback))
            return new(Caller.Anonymous, null);
        if (_keys.Length == 0 && !_jwt.IsConfigured)
        {
            return Refuse("This server asks callers for a key but has none configured, so nobody can call it from another machine. "
                + "Its operator can set VoiceCarnival:Access:ApiKeys or VoiceCarnival:Access:Jwt, or VoiceCarnival:Access:Authentication to off.");
        }

        return Refuse(string.IsNullOrEmpty(key)
            ? "No API key was sent. Send the header 'Authorization: Bearer <key>', or from a browser the WebSocket subprotocol 'openai-insecure-api-key.<client secret>'."
            : "This API key is not known here. Ask the server's operator for one, or mint a client secret with POST /api/ephemeral-token.");
    }

    // Like a client secret, a token is what it is also where no key is required: a stale one must not make its user a stranger.
    private CallerAuthentication OfToken(HttpContext context)
    {
        if (context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is not { Succeeded: true } result)
            return context.Features.Get<CallerRefusal>() is { } refused ? new(null, refused.Refusal) : Refuse("This token is not accepted here.");
        string name = result.Principal.FindFirst(_jwt.NameClaim)?.Value ?? "";
        return name.Length is 0 or > LongestName
            ? Refuse($"This token does not name its user: its claim '{_jwt.NameClaim}' is missing or longer than {LongestName} characters.")
            : new(new Caller(CallerKind.User, UserPrefix + name) { IsTrusted = _jwt.Trusted }, null);
    }

    // Looks at every key, found or not, so that the time taken tells nothing.
    private Caller? Find(string? key)
    {
        if (key is null || key.Length > LongestKey)
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

    private static CallerAuthentication UnknownSecret => Refuse("This client secret is unknown or has expired. Mint a new one with POST /api/ephemeral-token.");

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static CallerAuthentication Refuse(string message) =>
        new(null, CallerRefusal.Unauthorized(message).Refusal);
}

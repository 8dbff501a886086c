using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>An identity provider: signs tokens and, when asked to, publishes its keys by OpenID Connect Discovery.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string Audience = "voicecarnival";
    private readonly RSA _key = RSA.Create(2048);
    private readonly string _folder = Directory.CreateTempSubdirectory("voicecarnival").FullName;
    private WebApplication? _site;

    public string Issuer { get; private set; } = "https://id.example.com";

    /// <summary>Settings that accept its tokens by a key file.</summary>
    public (string Key, string Value)[] ByFile
    {
        get
        {
            string path = Path.Combine(_folder, "key.pem");
            File.WriteAllText(path, _key.ExportSubjectPublicKeyInfoPem());
            return [.. Common, ("VoiceCarnival:Access:Jwt:PemFile", path), ("VoiceCarnival:Access:Jwt:Issuer", Issuer)];
        }
    }

    /// <summary>Settings that accept its tokens by asking it for its keys.</summary>
    public (string Key, string Value)[] ByAuthority => [.. Common, ("VoiceCarnival:Access:Jwt:Authority", Issuer)];

    private static (string Key, string Value)[] Common =>
        [("VoiceCarnival:Access:Authentication", "required"), ("VoiceCarnival:Access:Jwt:Audience", Audience)];

    /// <summary>Publishes the keys on a free port of this machine.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _site = builder.Build();
        _site.MapGet("/.well-known/openid-configuration", () => new Dictionary<string, string> { ["issuer"] = Issuer, ["jwks_uri"] = Issuer + "/keys" });
        _site.MapGet("/keys", () =>
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.ExportParameters(false)) { KeyId = "1" });
            return new { keys = new[] { new Dictionary<string, string> { ["kty"] = key.Kty, ["kid"] = key.Kid, ["n"] = key.N, ["e"] = key.E, ["use"] = "sig" } } };
        });
        await _site.StartAsync();
        Issuer = _site.Urls.Single();
    }

    public async Task StopAsync() => await _site!.StopAsync();

    /// <summary>A good token, unless told otherwise.</summary>
    public string Token(Action<SecurityTokenDescriptor>? change = null, string? subject = "alice")
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_key) { KeyId = "1" }, SecurityAlgorithms.RsaSha256),
            Claims = subject is null ? [] : new Dictionary<string, object> { ["sub"] = subject },
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = token.Expires is not null }.CreateToken(token);
    }

    /// <summary>The public key as others know it, for those who would use it as a shared secret.</summary>
    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
        _key.Dispose();
        Directory.Delete(_folder, true);
    }
}

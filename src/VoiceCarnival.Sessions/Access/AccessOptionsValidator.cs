using System.Net;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Sessions.Access;

internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    private const string Path = "VoiceCarnival:Access";
    private const int ShortestKey = 16;

    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var problems = new List<string>();
        for (int i = 0; i < options.AllowedOrigins.Length; i++)
        {
            if (!OriginPolicy.IsOrigin(options.AllowedOrigins[i]))
                problems.Add($"{Path}:AllowedOrigins:{i} must be an origin such as https://app.example.com, without a path, or * (is '{options.AllowedOrigins[i]}')");
        }

        for (int i = 0; i < options.TrustedProxies.Length; i++)
        {
            if (!IPAddress.TryParse(options.TrustedProxies[i], out _) && !IPNetwork.TryParse(options.TrustedProxies[i], out _))
                problems.Add($"{Path}:TrustedProxies:{i} must be an IP address or a network such as 10.0.0.0/8 (is '{options.TrustedProxies[i]}')");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < options.ApiKeys.Count; i++)
            CheckKey($"{Path}:ApiKeys:{i}", options.ApiKeys[i], names, problems);
        JwtOptionsValidator.Check(options.Jwt, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void CheckKey(string path, ApiKeyOptions key, HashSet<string> names, List<string> problems)
    {
        bool hashed = !string.IsNullOrEmpty(key.Sha256);
        if (string.IsNullOrWhiteSpace(key.Name))
            problems.Add($"{path}:Name is missing");
        else if (!names.Add(key.Name))
            problems.Add($"{path}:Name must be unique (is '{key.Name}' again)");
        if (hashed == !key.Key.IsEmpty)
            problems.Add($"{path} must have either Key or Sha256 ({(hashed ? "has both" : "has neither")})");
        if (hashed && !(key.Sha256!.Length == 64 && key.Sha256.All(char.IsAsciiHexDigit)))
            problems.Add($"{path}:Sha256 must be 64 hex digits");
        if (!key.Key.IsEmpty && key.Key.Reveal().Length < ShortestKey)
            problems.Add($"{path}:Key must have at least {ShortestKey} characters");
        if (key.Key.Reveal().StartsWith(ClientSecretStore.Prefix, StringComparison.Ordinal))
            problems.Add($"{path}:Key must not begin with {ClientSecretStore.Prefix}, which marks client secrets");
    }
}

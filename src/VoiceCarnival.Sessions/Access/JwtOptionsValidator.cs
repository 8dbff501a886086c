using System.Text;

namespace VoiceCarnival.Sessions.Access;

/// <summary>What is wrong with the settings for tokens, the key file included.</summary>
internal static class JwtOptionsValidator
{
    private const string Path = "VoiceCarnival:Access:Jwt";
    private const int ShortestKey = 32; // RFC 7518, section 3.2: at least as long as the hash

    public static void Check(JwtOptions jwt, List<string> problems)
    {
        if (!jwt.IsConfigured)
        {
            if (!string.IsNullOrWhiteSpace(jwt.Issuer) || !string.IsNullOrWhiteSpace(jwt.Audience) || jwt.Trusted)
                problems.Add($"{Path} needs Authority, PemFile or SigningKey, by which tokens are checked");
            return;
        }

        bool hasAuthority = !string.IsNullOrWhiteSpace(jwt.Authority), hasFile = !string.IsNullOrWhiteSpace(jwt.PemFile);
        if ((hasAuthority ? 1 : 0) + (hasFile ? 1 : 0) + (jwt.SigningKey.IsEmpty ? 0 : 1) > 1)
            problems.Add($"{Path} must have one of Authority, PemFile and SigningKey, not several");
        if (string.IsNullOrWhiteSpace(jwt.Audience))
            problems.Add($"{Path}:Audience is missing: without it any token of the provider's would do, also those meant for others");
        if (string.IsNullOrWhiteSpace(jwt.Issuer) && !hasAuthority)
            problems.Add($"{Path}:Issuer is missing");
        if (hasAuthority && !IsAuthority(jwt.Authority!))
            problems.Add($"{Path}:Authority must be an https URL (is '{jwt.Authority}')");
        if (!jwt.SigningKey.IsEmpty && Encoding.UTF8.GetByteCount(jwt.SigningKey.Reveal()) < ShortestKey)
            problems.Add($"{Path}:SigningKey must have at least {ShortestKey} bytes");
        if (hasFile)
            CheckFile(jwt.PemFile!, problems);
    }

    private static void CheckFile(string path, List<string> problems)
    {
        if (!PublicKeys.TryRead(path, out var keys, out string? problem))
            problems.Add($"{Path}:PemFile {problem} ('{path}')");
        foreach (var key in keys)
            key.Dispose();
    }

    // Plain http only within this machine, for tests.
    private static bool IsAuthority(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}

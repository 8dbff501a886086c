using System.Text;

namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>What stands in WWW-Authenticate, Authorization and their kin: a scheme and parameters between commas (RFC 3261, section 25.1).</summary>
internal static class AuthParameters
{
    /// <summary>Reads Digest parameters.</summary>
    /// <returns>Null when the scheme is another, or something is malformed.</returns>
    public static Dictionary<string, string>? TryRead(ReadOnlySpan<byte> value)
    {
        var rest = SipText.Trim(value);
        if (!SipText.TryTakeToken(ref rest, out var scheme) || !SipText.EqualsIgnoreCase(scheme, "Digest"u8))
            return null;
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        rest = SipText.TrimStart(rest);
        do
        {
            if (!SipText.TryTakeToken(ref rest, out var name) || !SipText.TryTake(ref rest, '='))
                return null;
            string text;
            if (SipText.TryTakeQuoted(ref rest, out var quoted))
                text = SipText.Unquote(quoted);
            else if (SipText.TryTakeToken(ref rest, out var token))
                text = Encoding.ASCII.GetString(token);
            else
                return null;
            if (parameters.Count == 32 || !parameters.TryAdd(Encoding.ASCII.GetString(name), text))
                return null;
        }
        while (SipText.TryTake(ref rest, ','));
        return SipText.TrimStart(rest).Length == 0 ? parameters : null;
    }

    public static DigestAlgorithm? Algorithm(Dictionary<string, string> parameters)
    {
        if (!parameters.TryGetValue("algorithm", out string? name) || name.Equals("MD5", StringComparison.OrdinalIgnoreCase))
            return DigestAlgorithm.Md5;
        return name.Equals("SHA-256", StringComparison.OrdinalIgnoreCase) ? DigestAlgorithm.Sha256 : null;
    }

    public static string Name(this DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Md5 ? "MD5" : "SHA-256";
}

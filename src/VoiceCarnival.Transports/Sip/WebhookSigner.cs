using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Signs webhook deliveries (standardwebhooks.com, as OpenAI uses it): HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
internal sealed class WebhookSigner
{
    private const string SecretPrefix = "whsec_";
    private readonly byte[] _key;

    private WebhookSigner(byte[] key) => _key = key;

    /// <summary>With the prefix <c>whsec_</c> the rest is base64, else the text is the key. Null when it is neither.</summary>
    public static WebhookSigner? TryCreate(string secret)
    {
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal))
            return secret.Length == 0 ? null : new WebhookSigner(Encoding.UTF8.GetBytes(secret));
        byte[] key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out int length) && length > 0 ? new WebhookSigner(key[..length]) : null;
    }

    /// <summary>The headers of a delivery.</summary>
    public IEnumerable<(string Name, string Value)> HeadersOf(string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        string timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, signed)))];
    }
}

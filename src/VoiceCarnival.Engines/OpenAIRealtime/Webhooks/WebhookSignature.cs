using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Engines.OpenAIRealtime.Webhooks;

/// <summary>
/// Signatures of webhook deliveries (standardwebhooks.com, as OpenAI uses it): HMAC-SHA256 over <c>id.timestamp.body</c>. Any of several secrets may have signed, so
/// that one can replace another without a gap.
/// </summary>
public sealed class WebhookSignature
{
    /// <summary>How far the delivery's clock may be from ours, either way.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    private const string SecretPrefix = "whsec_";
    private const string Version = "v1,";
    private const int MostSignatures = 16;
    private const int LongestHeader = 2048;
    private static readonly char[] Separators = [',', ';', ' ', '\t', '\r', '\n'];
    private readonly byte[][] _keys;

    private WebhookSignature(byte[][] keys) => _keys = keys;

    /// <summary>Reads secrets separated by commas, semicolons or white space; with the prefix <c>whsec_</c> the rest is base64, else the text is the key.</summary>
    /// <returns>Null when one of them is not a secret; without any, an object that takes nothing.</returns>
    public static WebhookSignature? TryParse(string secrets)
    {
        var keys = new List<byte[]>();
        foreach (string secret in secrets.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal))
            {
                keys.Add(Encoding.UTF8.GetBytes(secret));
                continue;
            }

            byte[] key = new byte[secret.Length];
            if (!Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out int length) || length == 0)
                return null;
            keys.Add(key[..length]);
        }

        return new WebhookSignature([.. keys]);
    }

    /// <summary>True when one of the secrets signed this delivery and it is not stale. Never throws, and takes as long whichever secret it was.</summary>
    /// <param name="id">Header <c>webhook-id</c>.</param>
    /// <param name="timestamp">Header <c>webhook-timestamp</c>, Unix seconds.</param>
    /// <param name="signatures">Header <c>webhook-signature</c>: <c>v1,base64</c>, several separated by spaces.</param>
    /// <param name="body">The raw body.</param>
    /// <param name="now">Our clock.</param>
    public bool Verifies(string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (id.Length is 0 or > LongestHeader || signatures.Length > LongestHeader
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || Math.Abs((decimal)seconds - now.ToUnixTimeSeconds()) > (decimal)Tolerance.TotalSeconds)
        {
            return false;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        string[] candidates = signatures.Split(' ', MostSignatures + 1, StringSplitOptions.RemoveEmptyEntries);
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        bool verified = false;
        foreach (byte[] key in _keys)
        {
            HMACSHA256.HashData(key, signed, expected);
            foreach (string candidate in candidates.Take(MostSignatures))
            {
                var base64 = candidate.StartsWith(Version, StringComparison.Ordinal) ? candidate.AsSpan(Version.Length) : candidate;
                bool isHash = Convert.TryFromBase64Chars(base64, given, out int length) && length == given.Length;
                verified |= CryptographicOperations.FixedTimeEquals(expected, given) & isHash;
            }
        }

        return verified;
    }
}

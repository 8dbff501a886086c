using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>The response of Digest authentication (RFC 7616, section 3.4.1), with <c>qop=auth</c> or, as in RFC 2069, without.</summary>
internal static class DigestHash
{
    public static string Response(
        DigestAlgorithm algorithm, string user, string realm, string password, string nonce, string method, string uri, string? nonceCount, string? clientNonce, bool hasQop)
    {
        string one = Hash(algorithm, $"{user}:{realm}:{password}");
        string two = Hash(algorithm, $"{method}:{uri}");
        return Hash(algorithm, hasQop ? $"{one}:{nonce}:{nonceCount}:{clientNonce}:auth:{two}" : $"{one}:{nonce}:{two}");
    }

    private static string Hash(DigestAlgorithm algorithm, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5351 // What SIP prescribes; peers that have better are offered better.
        return Convert.ToHexStringLower(algorithm == DigestAlgorithm.Md5 ? MD5.HashData(bytes) : SHA256.HashData(bytes));
#pragma warning restore CA5351
    }
}

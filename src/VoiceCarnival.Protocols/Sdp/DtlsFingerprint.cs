using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Hash of a DTLS certificate: <c>a=fingerprint</c> (RFC 8122, section 5). SHA-1 and older are not taken.</summary>
public sealed class DtlsFingerprint
{
    private readonly byte[] _hash;

    private DtlsFingerprint(string algorithm, byte[] hash)
    {
        Algorithm = algorithm;
        _hash = hash;
    }

    /// <summary><c>sha-256</c>, <c>sha-384</c> or <c>sha-512</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The SHA-256 fingerprint of a certificate.</summary>
    /// <param name="certificate">In DER.</param>
    public static DtlsFingerprint Of(ReadOnlySpan<byte> certificate) => new("sha-256", SHA256.HashData(certificate));

    /// <summary>Reads the attribute's value.</summary>
    /// <returns>False when it is malformed or its algorithm is not taken.</returns>
    public static bool TryParse(string? value, [NotNullWhen(true)] out DtlsFingerprint? fingerprint)
    {
        fingerprint = null;
        var words = value?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not { Length: 2 })
            return false;
        string algorithm = words[0].ToLowerInvariant();
        int length = algorithm switch { "sha-256" => 32, "sha-384" => 48, "sha-512" => 64, _ => 0 };
        if (length == 0 || words[1].Length != 3 * length - 1)
            return false;
        var hash = new byte[length];
        for (int i = 0; i < length; i++)
        {
            var pair = words[1].AsSpan(3 * i);
            if ((i > 0 && words[1][3 * i - 1] != ':') || Convert.FromHexString(pair[..2], hash.AsSpan(i, 1), out _, out _) != System.Buffers.OperationStatus.Done)
                return false;
        }

        fingerprint = new DtlsFingerprint(algorithm, hash);
        return true;
    }

    /// <summary>Whether it is that of a certificate, in constant time.</summary>
    /// <param name="certificate">In DER.</param>
    public bool Matches(ReadOnlySpan<byte> certificate)
    {
        var hash = Algorithm switch
        {
            "sha-384" => SHA384.HashData(certificate),
            "sha-512" => SHA512.HashData(certificate),
            _ => SHA256.HashData(certificate),
        };
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString() => $"{Algorithm} {string.Join(':', _hash.Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)))}";
}

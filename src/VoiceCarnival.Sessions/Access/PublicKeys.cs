using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Reads the public keys in a PEM file (RFC 7468): <c>PUBLIC KEY</c>, <c>RSA PUBLIC KEY</c> and <c>CERTIFICATE</c>.</summary>
public static class PublicKeys
{
    private const int ShortestRsa = 2048; // bits; RFC 7518, section 3.3
    private const int LargestFile = 1024 * 1024;

    /// <summary>RSA and elliptic curve keys, in the order of the file; to be disposed of by the caller.</summary>
    /// <param name="path">The file; a relative path counts from the working directory.</param>
    /// <param name="keys">The keys; empty when there is a problem.</param>
    /// <param name="problem">What is wrong, as the end of a sentence that begins with the setting's name; null when nothing is.</param>
    public static bool TryRead(string path, out IReadOnlyList<AsymmetricAlgorithm> keys, out string? problem)
    {
        var read = new List<AsymmetricAlgorithm>();
        try
        {
            problem = new FileInfo(path).Length > LargestFile ? "is too large" : Read(File.ReadAllText(path), read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"cannot be read: {exception.Message}";
        }
        catch (CryptographicException)
        {
            problem = "has a key that is damaged or of a kind that is not taken here: RSA and elliptic curves are";
        }

        if (problem is not null)
        {
            read.ForEach(key => key.Dispose());
            read.Clear();
        }

        keys = read;
        return problem is null;
    }

    private static string? Read(ReadOnlySpan<char> pem, List<AsymmetricAlgorithm> keys)
    {
        while (PemEncoding.TryFind(pem, out var found))
        {
            string label = pem[found.Label].ToString();
            string block = pem[found.Location].ToString();
            pem = pem[found.Location.End..];
            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                return "has a private key, which belongs to the provider alone: give the public one";
            if (label is not ("PUBLIC KEY" or "RSA PUBLIC KEY" or "CERTIFICATE"))
                return $"has a '{label}', which is neither a public key nor a certificate";
            var key = label == "CERTIFICATE" ? OfCertificate(block) : OfKey(block);
            keys.Add(key);
            if (key is RSA { KeySize: < ShortestRsa })
                return $"has an RSA key of {key.KeySize} bits; {ShortestRsa} is the least";
        }

        return keys.Count == 0 ? "has no public key or certificate in PEM" : null;
    }

    private static AsymmetricAlgorithm OfCertificate(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return (AsymmetricAlgorithm?)certificate.GetRSAPublicKey() ?? certificate.GetECDsaPublicKey() ?? throw new CryptographicException();
    }

    private static AsymmetricAlgorithm OfKey(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            rsa.Dispose();
        }

        var curve = ECDsa.Create();
        try
        {
            curve.ImportFromPem(pem);
            return curve;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            curve.Dispose();
            throw new CryptographicException();
        }
    }
}

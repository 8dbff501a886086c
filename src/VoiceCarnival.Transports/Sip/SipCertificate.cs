using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Certificates of SIP over TLS.</summary>
internal static class SipCertificate
{
    /// <summary>Ours, by the settings; null for none.</summary>
    public static X509Certificate2? Load(SipOptions options)
    {
        if (options.Certificate is { Length: > 0 } file)
        {
            return file.EndsWith(".pem", StringComparison.OrdinalIgnoreCase)
                ? X509Certificate2.CreateFromPemFile(file)
                : X509CertificateLoader.LoadPkcs12FromFile(file, options.CertificatePassword.IsEmpty ? null : options.CertificatePassword.Reveal());
        }

        return options.SelfSigned ? MakeSelfSigned(options) : null;
    }

    /// <summary>Authorities beside those of the machine; null for none.</summary>
    public static X509Certificate2Collection? Authorities(SipOptions options)
    {
        if (options.Authorities is not { Length: > 0 } file)
            return null;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities;
    }

    /// <summary>How we connect: the certificate has to be good for the name.</summary>
    public static SslClientAuthenticationOptions ClientOptions(string name, X509Certificate2Collection? authorities)
    {
        var client = new SslClientAuthenticationOptions { TargetHost = name };
        if (authorities is not null)
        {
            client.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            client.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return client;
    }

    private static X509Certificate2 MakeSelfSigned(SipOptions options)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=VoiceCarnival SIP", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        foreach (string? text in new[] { options.Address, options.PublicAddress })
        {
            if (IPAddress.TryParse(text, out var address))
                names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        // Through a file's form: keys that are not kept cannot be used for TLS everywhere.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}

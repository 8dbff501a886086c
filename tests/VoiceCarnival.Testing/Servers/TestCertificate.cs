using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VoiceCarnival.Testing.Servers;

/// <summary>A self-signed certificate for 127.0.0.1 and localhost, made now and valid for two days, as files for a server and for clients that are to trust it.</summary>
public sealed class TestCertificate : IDisposable
{
    /// <summary>Of the file with the private key.</summary>
    public const string Password = "test";

    private readonly string _folder = Directory.CreateTempSubdirectory("certificate-").FullName;

    /// <summary>Makes key and certificate.</summary>
    public TestCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllBytes(PfxPath, certificate.Export(X509ContentType.Pfx, Password));
        File.WriteAllText(PemPath, certificate.ExportCertificatePem());
    }

    /// <summary>Certificate and private key, PKCS #12.</summary>
    public string PfxPath => Path.Combine(_folder, "server.pfx");

    /// <summary>The certificate alone, PEM: what a client has to trust.</summary>
    public string PemPath => Path.Combine(_folder, "server.pem");

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

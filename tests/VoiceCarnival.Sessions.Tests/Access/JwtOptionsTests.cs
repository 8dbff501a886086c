using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions.Tests.Access;

public sealed class JwtOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("voicecarnival").FullName;

    [Fact]
    public void KeyFile_MayHoldSeveralKeysAndCertificates()
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=id", curve, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
        string path = Write($"A comment.\n{rsa.ExportSubjectPublicKeyInfoPem()}\n{rsa.ExportRSAPublicKeyPem()}\n{curve.ExportSubjectPublicKeyInfoPem()}\n{certificate.ExportCertificatePem()}");
        Assert.True(PublicKeys.TryRead(path, out var keys, out string? problem), problem);
        Assert.Equal([true, true, false, false], keys.Select(key => key is RSA));
        foreach (var key in keys)
            key.Dispose();
        Assert.Empty(Problems(new JwtOptions { PemFile = path, Issuer = "i", Audience = "a" }));
    }

    [Fact]
    public void WrongKeyFile_SaysWhatIsWrongWithIt()
    {
        using var small = RSA.Create(1024);
        using var good = RSA.Create(2048);
        string pem = good.ExportSubjectPublicKeyInfoPem();
        (string Path, string Problem)[] wrong =
        [
            (Path.Combine(_folder, "none.pem"), "cannot be read"),
            (Write("no key"), "has no public key"),
            (Write(good.ExportPkcs8PrivateKeyPem()), "private key"),
            (Write(pem + "\n" + good.ExportPkcs8PrivateKeyPem()), "private key"),
            (Write(small.ExportSubjectPublicKeyInfoPem()), "1024 bits"),
            (Write("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"), "damaged"),
            (Write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), "damaged"),
            (Write("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----"), "neither"),
            (_folder, "cannot be read"),
        ];
        foreach (var (path, problem) in wrong)
        {
            string told = Assert.Single(Problems(new JwtOptions { PemFile = path, Issuer = "i", Audience = "a" }));
            Assert.StartsWith("VoiceCarnival:Access:Jwt:PemFile ", told, StringComparison.Ordinal);
            Assert.Contains(problem, told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void SettingsThatWouldAcceptTooMuch_AreRefused()
    {
        var key = new Secret(new string('k', 32));
        Assert.Empty(Problems(new JwtOptions()));
        Assert.Empty(Problems(new JwtOptions { SigningKey = key, Issuer = "i", Audience = "a" }));
        Assert.Empty(Problems(new JwtOptions { Authority = "https://id.example.com", Audience = "a" }));
        Assert.Contains("needs Authority", Assert.Single(Problems(new JwtOptions { Audience = "a" })), StringComparison.Ordinal);
        Assert.Contains(":Audience", Assert.Single(Problems(new JwtOptions { SigningKey = key, Issuer = "i" })), StringComparison.Ordinal);
        Assert.Contains(":Issuer", Assert.Single(Problems(new JwtOptions { SigningKey = key, Audience = "a" })), StringComparison.Ordinal);
        Assert.Contains("32 bytes", Assert.Single(Problems(new JwtOptions { SigningKey = new Secret("short"), Issuer = "i", Audience = "a" })), StringComparison.Ordinal);
        Assert.Contains("https", Assert.Single(Problems(new JwtOptions { Authority = "http://id.example.com", Audience = "a" })), StringComparison.Ordinal);
        Assert.Contains("not several", Assert.Single(Problems(new JwtOptions { Authority = "https://id.example.com", SigningKey = key, Audience = "a" })), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private string Write(string text)
    {
        string path = Path.Combine(_folder, Guid.NewGuid() + ".pem");
        File.WriteAllText(path, text);
        return path;
    }

    private static string[] Problems(JwtOptions jwt) => [.. new AccessOptionsValidator().Validate(null, new AccessOptions { Jwt = jwt }).Failures ?? []];
}

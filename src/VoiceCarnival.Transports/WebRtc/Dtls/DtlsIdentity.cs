using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// Our certificate: self-signed, ECDSA on P-256, made anew by each process and known to nobody else. Callers trust it because its fingerprint came with the answer
/// over HTTPS (RFC 8827, section 6.5).
/// </summary>
internal sealed class DtlsIdentity
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);
    private readonly AsymmetricKeyParameter _key;
    private readonly Org.BouncyCastle.Tls.Certificate _chain;

    /// <summary>Makes one.</summary>
    public DtlsIdentity(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=WebRTC", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + Lifetime);
        Crypto = new BcTlsCrypto(new SecureRandom());
        _key = PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey());
        _chain = new Org.BouncyCastle.Tls.Certificate([new BcTlsCertificate(Crypto, certificate.RawData)]);
        Fingerprint = DtlsFingerprint.Of(certificate.RawData);
    }

    /// <summary>The cryptography that goes with it. Thread-safe.</summary>
    public BcTlsCrypto Crypto { get; }

    /// <summary>What the answer says of it.</summary>
    public DtlsFingerprint Fingerprint { get; }

    /// <summary>Signs a handshake with it.</summary>
    public TlsCredentialedSigner Signer(TlsContext context) => new BcDefaultTlsCredentialedSigner(
        new Org.BouncyCastle.Tls.Crypto.TlsCryptoParameters(context), Crypto, _key, _chain, SignatureAndHashAlgorithm.GetInstance(Org.BouncyCastle.Tls.HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
}

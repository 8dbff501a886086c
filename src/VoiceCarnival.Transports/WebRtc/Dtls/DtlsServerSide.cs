using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>Our side of a handshake that the peer begins, as browsers do.</summary>
internal sealed class DtlsServerSide(DtlsTerms terms) : DefaultTlsServer(terms.Identity.Crypto), IDtlsSide
{
    private readonly SrtpAgreement _srtp = new(terms.NeedsSrtp);

    public SrtpKeyingMaterial? Keys => _srtp.Keys;

    public override int GetHandshakeTimeoutMillis() => (int)terms.Timeout.TotalMilliseconds;

    public override int GetHandshakeResendTimeMillis() => DtlsTerms.ResendMilliseconds;

    public override int GetMaxHandshakeMessageSize() => DtlsTerms.LargestMessage;

    // Keys are exported, which is safe with it only (RFC 7627, section 5.4).
    public override bool RequiresExtendedMasterSecret() => true;

    // Self-signed: the fingerprint is what counts, not who signed it and how.
    public override bool ShouldCheckSigAlgOfPeerCerts() => false;

    public override CertificateRequest GetCertificateRequest() => new(
        [ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign], TlsUtilities.GetDefaultSupportedSignatureAlgorithms(m_context), null);

    public override void NotifyClientCertificate(Certificate clientCertificate) => terms.Check(clientCertificate);

    public override void ProcessClientExtensions(IDictionary<int, byte[]> clientExtensions)
    {
        base.ProcessClientExtensions(clientExtensions);
        _srtp.Read(clientExtensions);
    }

    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        var extensions = base.GetServerExtensions() ?? new Dictionary<int, byte[]>();
        _srtp.Answer(extensions);
        return extensions;
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        _srtp.Complete(m_context, isClient: false);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => DtlsTerms.CipherSuites;

    protected override bool PreferLocalCipherSuites() => true;

    protected override TlsCredentialedSigner GetECDsaSignerCredentials() => terms.Identity.Signer(m_context);
}

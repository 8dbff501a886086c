using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>Our side of a handshake that we begin, for peers whose offer says <c>a=setup:passive</c>.</summary>
internal sealed class DtlsClientSide(DtlsTerms terms) : DefaultTlsClient(terms.Identity.Crypto), IDtlsSide
{
    private readonly SrtpAgreement _srtp = new(terms.NeedsSrtp);

    public SrtpKeyingMaterial? Keys => _srtp.Keys;

    public override int GetHandshakeTimeoutMillis() => (int)terms.Timeout.TotalMilliseconds;

    public override int GetHandshakeResendTimeMillis() => DtlsTerms.ResendMilliseconds;

    public override int GetMaxHandshakeMessageSize() => DtlsTerms.LargestMessage;

    public override bool RequiresExtendedMasterSecret() => true;

    public override bool ShouldCheckSigAlgOfPeerCerts() => false;

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        var extensions = base.GetClientExtensions() ?? new Dictionary<int, byte[]>();
        SrtpAgreement.Offer(extensions);
        return extensions;
    }

    public override void ProcessServerExtensions(IDictionary<int, byte[]> serverExtensions)
    {
        base.ProcessServerExtensions(serverExtensions);
        _srtp.Read(serverExtensions);
    }

    public override TlsAuthentication GetAuthentication() => new Authentication(this, terms);

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        _srtp.Complete(m_context, isClient: true);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => DtlsTerms.CipherSuites;

    private sealed class Authentication(DtlsClientSide side, DtlsTerms terms) : TlsAuthentication
    {
        public void NotifyServerCertificate(TlsServerCertificate serverCertificate) => terms.Check(serverCertificate.Certificate);

        public TlsCredentials GetClientCredentials(CertificateRequest certificateRequest) => terms.Identity.Signer(side.m_context);
    }
}

using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>What both sides of a handshake have to agree on, whichever of them we are: DTLS 1.2, the peer's certificate, keys for SRTP (RFC 5764).</summary>
/// <param name="Identity">Our certificate.</param>
/// <param name="Fingerprints">Of which one must be that of the peer's certificate.</param>
/// <param name="NeedsSrtp">There is audio, so a handshake without SRTP is of no use.</param>
/// <param name="Timeout">When to give up.</param>
internal sealed record DtlsTerms(DtlsIdentity Identity, IReadOnlyList<DtlsFingerprint> Fingerprints, bool NeedsSrtp, TimeSpan Timeout)
{
    /// <summary>Before a flight is sent again for the first time.</summary>
    public const int ResendMilliseconds = 250;

    /// <summary>Certificates of browsers have half a kilobyte; nobody gets us to hold more than this.</summary>
    public const int LargestMessage = 16 * 1024;

    /// <summary>Cipher suites that go with our certificate; the first is one that every peer has (RFC 8827, section 6.5). <see cref="DtlsRecords"/> counts on their being AES-GCM.</summary>
    public static int[] CipherSuites { get; } =
    [
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ];

    /// <summary>Checks the peer's certificate: it is the one that its SDP named, or there is no call.</summary>
    /// <exception cref="TlsFatalAlert">It is another, or there is none.</exception>
    public void Check(Certificate? certificate)
    {
        if (certificate is null || certificate.IsEmpty)
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
        byte[] encoded = certificate.GetCertificateAt(0).GetEncoded();
        bool matches = false;
        foreach (var fingerprint in Fingerprints)
            matches |= fingerprint.Matches(encoded);
        if (!matches)
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }
}

using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>The extension <c>use_srtp</c> (RFC 5764, section 4.1) in one handshake, on either side: which profile, and the keys that come of it.</summary>
/// <param name="isRequired">There is audio, so a handshake without SRTP is of no use.</param>
internal sealed class SrtpAgreement(bool isRequired)
{
    /// <summary>The profiles that we take, the preferred first. The last of them is the one that everybody has.</summary>
    private static readonly SrtpProfile[] Profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80];

    private SrtpProfile? _profile;

    /// <summary>The keys, once the handshake is through; null when there is no SRTP. Whoever takes them wipes them.</summary>
    public SrtpKeyingMaterial? Keys { get; private set; }

    /// <summary>Adds what we offer to a client's extensions.</summary>
    public static void Offer(IDictionary<int, byte[]> extensions) =>
        TlsSrtpUtilities.AddUseSrtpExtension(extensions, new UseSrtpData([.. Profiles.Select(profile => (int)profile)], TlsUtilities.EmptyBytes));

    /// <summary>Reads what the peer offers, or has chosen.</summary>
    /// <exception cref="TlsFatalAlert">SRTP is needed and there is no profile that both know.</exception>
    public void Read(IDictionary<int, byte[]>? extensions)
    {
        int[] offered = (extensions is null ? null : TlsSrtpUtilities.GetUseSrtpExtension(extensions))?.ProtectionProfiles ?? [];
        foreach (var profile in Profiles)
        {
            if (!offered.Contains((int)profile))
                continue;
            _profile = profile;
            return;
        }

        if (isRequired)
            throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }

    /// <summary>Adds what we have chosen to a server's extensions.</summary>
    public void Answer(IDictionary<int, byte[]> extensions)
    {
        if (_profile is { } profile)
            TlsSrtpUtilities.AddUseSrtpExtension(extensions, new UseSrtpData([(int)profile], TlsUtilities.EmptyBytes));
    }

    /// <summary>Takes the keys out of a handshake that is just through.</summary>
    public void Complete(TlsContext context, bool isClient)
    {
        if (_profile is not { } profile)
            return;
        byte[] exported = context.ExportKeyingMaterial(ExporterLabel.dtls_srtp, null, profile.ExportedLength());
        try
        {
            Keys = SrtpKeyingMaterial.FromExporter(profile, exported, isClient);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(exported);
        }
    }
}

using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>What a policy for encrypted audio comes to for one call.</summary>
public static class SrtpUses
{
    /// <summary>The same, for a call over a transport: no more <see cref="SrtpUse.OverTls"/>.</summary>
    public static SrtpUse On(this SrtpUse use, SipTransport transport) =>
        use != SrtpUse.OverTls ? use : transport == SipTransport.Tls ? SrtpUse.WhenOffered : SrtpUse.Never;
}

using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>Offers in Chromium's manner.</summary>
public static class RtcOffer
{
    /// <summary>Writes one.</summary>
    public static string Write(RtcPeerOptions options, IceCredentials ice, DtlsFingerprint fingerprint, Ssrc ssrc)
    {
        int sections = 0;
        var text = new StringBuilder();
        if (options.HasAudio)
        {
            string type = options.Codec.PayloadType.ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"m=audio 9 UDP/TLS/RTP/SAVPF {type}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
            Transport();
            text.Append(CultureInfo.InvariantCulture, $"a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:{type} {options.Codec.Map}\r\na=ssrc:{ssrc} cname:test\r\n");
        }

        if (options.HasData)
        {
            text.Append("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n");
            Transport();
            text.Append(CultureInfo.InvariantCulture, $"a=sctp-port:5000\r\na=max-message-size:{options.MaxMessageSize}\r\n");
        }

        return $"v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {string.Join(' ', Enumerable.Range(0, sections))}\r\n{text}";

        void Transport() => text.Append(CultureInfo.InvariantCulture,
            $"a=ice-ufrag:{ice.Ufrag}\r\na=ice-pwd:{ice.Password}\r\na=ice-options:trickle\r\na=fingerprint:{fingerprint}\r\na=setup:{options.Setup}\r\na=mid:{sections++}\r\n");
    }
}

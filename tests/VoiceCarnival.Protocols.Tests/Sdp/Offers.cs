namespace VoiceCarnival.Protocols.Tests.Sdp;

/// <summary>Offers as peers write them.</summary>
internal static class Offers
{
    private const string Fingerprint = "sha-256 5C:AA:A8:E9:64:6B:42:D2:2C:0B:4F:8A:86:0E:63:54:C1:10:3D:7E:CB:48:05:EA:6E:DC:9B:C0:D0:2A:75:D5";

    public const string Chromium =
        $"""
        v=0
        o=- 4611731400430051336 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=msid-semantic:WMS stream
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:r1Kb
        a=ice-pwd:TzJQ5aW8mW3eVqk0w2pGx1mN
        a=ice-options:trickle
        a=fingerprint:{Fingerprint}
        a=setup:actpass
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=sendrecv
        a=msid:stream track
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:63 red/48000/2
        a=fmtp:63 111/111
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:13 CN/8000
        a=rtpmap:110 telephone-event/48000
        a=rtpmap:126 telephone-event/8000
        a=ssrc:1733429841 cname:o/i14u9pJrxRKAsu
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=ice-ufrag:r1Kb
        a=ice-pwd:TzJQ5aW8mW3eVqk0w2pGx1mN
        a=ice-options:trickle
        a=fingerprint:{Fingerprint}
        a=setup:actpass
        a=mid:1
        a=sctp-port:5000
        a=max-message-size:262144

        """;

    public const string Firefox =
        $"""
        v=0
        o=mozilla...THIS_IS_SDPARTA-99.0 2187 0 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=fingerprint:{Fingerprint}
        a=group:BUNDLE 0 1
        a=ice-options:trickle
        a=msid-semantic:WMS *
        m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
        c=IN IP4 0.0.0.0
        a=sendrecv
        a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
        a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
        a=fmtp:101 0-15
        a=ice-pwd:0123456789abcdef0123456789abcdef
        a=ice-ufrag:0a1b2c3d
        a=mid:0
        a=rtcp-mux
        a=rtpmap:109 opus/48000/2
        a=rtpmap:9 G722/8000/1
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000/1
        a=setup:actpass
        m=application 0 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=bundle-only
        a=sendrecv
        a=mid:1
        a=setup:actpass
        a=sctp-port:5000
        a=max-message-size:1073741823

        """;

    /// <summary>Linphone: no rtpmap for static types, several telephone events, no direction.</summary>
    public const string Phone =
        """
        v=0
        o=caller 1452 3040 IN IP4 192.0.2.10
        s=Talk
        c=IN IP4 192.0.2.10
        t=0 0
        a=rtcp-xr:rcvr-rtt=all:10000
        m=audio 7078 RTP/AVP 96 0 8 18 99 101
        a=rtpmap:96 opus/48000/2
        a=fmtp:96 useinbandfec=1
        a=rtpmap:99 telephone-event/48000
        a=rtpmap:101 telephone-event/8000
        a=rtcp-fb:* ccm tmmbr
        m=audio 7080 RTP/SAVP 0
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj
        a=sendonly

        """;
}

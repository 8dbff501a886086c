using System.Buffers.Binary;
using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Fuzz;

/// <summary>Targets for what comes in datagrams, and for SDP.</summary>
internal static class NetTargets
{
    private const string Offer =
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8 126\r\nc=IN IP4 0.0.0.0\r\n"
        + "a=ice-ufrag:r1Kb\r\na=ice-pwd:TzJQ5aW8mW3eVqk0w2pGx1mN\r\na=fingerprint:sha-256 5C:AA:A8:E9:64:6B:42:D2:2C:0B:4F:8A:86:0E:63:54:C1:10:3D:7E:CB:48:05:EA:6E:DC:9B:C0:D0:2A:75:D5\r\n"
        + "a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=rtpmap:126 telephone-event/8000\r\n"
        + "a=candidate:1 1 udp 2122260223 192.168.0.196 46243 typ host generation 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20\r\n"
        + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

    private static readonly IceCredentials Ours = IceCredentials.Create(new byte[IceCredentials.EntropyLength]);
    private static readonly IceCredentials Theirs = IceCredentials.Create(Enumerable.Repeat((byte)1, IceCredentials.EntropyLength).ToArray());
    private static readonly DtlsFingerprint Fingerprint = DtlsFingerprint.Of([1]);

    public static IReadOnlyList<Target> All { get; } =
    [
        new("rtp", ReadRtp, [Hex("80EFABCDDEADBEEF01020304010203"), Hex("B2EFABCDDEADBEEF010203040000000100000002BEDE000110AA21BB0102030403"), Hex("90EFABCDDEADBEEF01020304100000020100 0201BB00FF01CC02")]),
        new("srtp", ReadSrtp, [Hex("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB"), Hex("81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798")]),
        new("rtcp", ReadRtcp, [Hex("81C8000C0000000101020304050607081112131400000005000003200000000280FFFFFD000100050000002A030405060001000081CA0003000000010103614062000000" + "81CB000100000001")]),
        new("stun", ReadStun, [Check(), Hex("0101003C2112A442B7E7A701BC34D686FA87DFAE8022000B7465737420766563746F7220002000080001A147E112A643000800142B91F599FD9E90C38C7489F92AF9BA53F06BE7D780280004C07D4C96")]),
        new("sdp", ReadSdp, [Encoding.UTF8.GetBytes(Offer)]),
        new("sctp", ReadSctp, [.. Chunks().Select(Hex)]),
    ];

    /// <summary>A check that our agent accepts.</summary>
    private static byte[] Check()
    {
        var buffer = new byte[StunMessage.MaxLength];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, new StunTransactionId(7, 8));
        writer.Add(StunAttributeType.Username, $"{Ours.Ufrag}:{Theirs.Ufrag}");
        writer.Add(StunAttributeType.IceControlling, 1UL);
        writer.Add(StunAttributeType.Priority, 1u);
        writer.Add(StunAttributeType.UseCandidate, ReadOnlySpan<byte>.Empty);
        writer.AddMessageIntegrity(Encoding.ASCII.GetBytes(Ours.Password));
        return buffer[..writer.Length];
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static void ReadRtp(byte[] bytes)
    {
        DatagramKinds.Of(bytes);
        StreamFraming.TryRead(bytes, out _, out _);
        if (RtpPacket.TryRead(bytes, out var packet) != RtpError.None)
            return;
        TelephoneEvent.TryRead(packet.Payload, out _);
        for (int i = 0; i < packet.Header.CsrcCount; i++)
            packet.Csrc(i);
        foreach (var element in packet.Extensions)
            _ = element.Value.Length;
    }

    private static void ReadSrtp(byte[] bytes)
    {
        foreach (var profile in Enum.GetValues<SrtpProfile>())
        {
            using var key = new SrtpMasterKey(profile, new byte[SrtpProfiles.KeyLength], new byte[profile.SaltLength()]);
            using var receiver = new SrtpReceiver(key);
            if (receiver.UnprotectRtp([.. bytes], out int length) == SrtpError.None && length > bytes.Length)
                throw new InvalidOperationException("More came out than went in.");
            receiver.UnprotectRtcp([.. bytes], out _);
        }
    }

    private static void ReadRtcp(byte[] bytes)
    {
        var session = new RtcpSession(new Ssrc(1), new RtcpOptions { Cname = "x", ClockRate = 8000 }, TimeSpan.Zero, DateTimeOffset.UnixEpoch);
        session.OnReceived(new RtpHeader { Ssrc = new Ssrc(2) }, TimeSpan.Zero);
        session.Receive(bytes, TimeSpan.FromSeconds(1));
        if (RtcpCompound.TryRead(bytes, out var compound) != RtcpError.None)
            return;
        foreach (var packet in compound)
            packet.TryGetCname(new Ssrc(1), out _);
    }

    private static void ReadStun(byte[] bytes)
    {
        if (StunMessage.TryRead(bytes, out var message) != StunError.None)
            return;
        message.GetXorMappedAddress();
        message.GetErrorCode();
        message.HasValidIntegrity("key"u8);
        var agent = new IceLiteAgent(Ours, Theirs, new IceOptions(), TimeSpan.Zero);
        Span<byte> answer = stackalloc byte[StunMessage.MaxLength];
        var path = new IcePath(IceTransport.Udp, new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.IPv6Loopback, 2));
        agent.Receive(message, path, TimeSpan.Zero, answer, out int length);
        if (length > 0 && StunMessage.TryRead(answer[..length], out _) != StunError.None)
            throw new InvalidOperationException("The answer is no STUN message.");
    }

    private static void ReadSdp(byte[] bytes)
    {
        if (!SessionDescription.TryRead(Encoding.UTF8.GetString(bytes), out var description, out _))
            return;
        if (!SessionDescription.TryRead(description.Format(), out _, out var error))
            throw new InvalidOperationException($"What was written cannot be read: {error}");
        foreach (var media in description.Media)
        {
            media.GetRtpMaps();
            description.DirectionOf(media);
            foreach (var attribute in media.Attributes)
            {
                _ = IceCandidate.TryParse(attribute.Value, out _);
                if (SdesCrypto.TryParse(attribute.Value, out var crypto))
                    crypto.Format();
            }
        }

        if (!WebRtcOffer.TryRead(description, out var offer, out _))
            return;
        var options = new WebRtcAnswerOptions
        {
            SessionId = 1,
            Ice = Ours,
            Fingerprint = Fingerprint,
            Candidates = [IceCandidate.Host(new IPEndPoint(IPAddress.Loopback, 5081), IceTransport.Udp, 0)],
            Codecs = [RtpCodec.Opus, RtpCodec.Pcmu],
            Ssrc = new Ssrc(1),
            Cname = "x",
        };
        if (WebRtcAnswer.TryCreate(offer, options, out var answer, out _) && answer.Description.Media.Count != description.Media.Count)
            throw new InvalidOperationException("The answer has another number of sections.");
    }

    /// <summary>The input is a packet's chunks; it goes to an association under way with the right tag and checksum.</summary>
    private static void ReadSctp(byte[] chunks)
    {
        var client = new SctpAssociation(new SctpOptions(), new byte[SctpAssociation.EntropyLength]);
        var server = new SctpAssociation(new SctpOptions(), Enumerable.Repeat((byte)1, SctpAssociation.EntropyLength).ToArray());
        var channels = new DataChannels(server, isDtlsClient: false);
        var buffer = new byte[1140];
        uint tag = 0;
        client.Connect(TimeSpan.Zero);
        for (int i = 0; i < 4; i++)
        {
            if (client.TryTakeTransmit(TimeSpan.Zero, buffer, out int length))
            {
                tag = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
                server.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
            }

            if (server.TryTakeTransmit(TimeSpan.Zero, buffer, out length))
                client.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
        }

        channels.TryOpen("x");
        server.TryTakeTransmit(TimeSpan.Zero, buffer, out _);
        var packet = new byte[SctpPacket.HeaderLength + chunks.Length];
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x13881388);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), chunks is [1, ..] ? 0 : tag);
        chunks.CopyTo(packet, SctpPacket.HeaderLength);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c.OfPacket(packet));
        server.Receive(packet, TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3; i++)
        {
            while (channels.TryTakeEvent(out _))
            {
            }

            int packets = 0;
            while (server.TryTakeTransmit(TimeSpan.FromSeconds(2 + i), buffer, out _))
            {
                if (++packets > 100)
                    throw new InvalidOperationException("An endless stream of packets.");
            }

            server.AdvanceTo(TimeSpan.FromSeconds(2 + i));
        }
    }

    /// <summary>One chunk of each kind. The TSNs are those that the fixed seeds give.</summary>
    private static IEnumerable<string> Chunks()
    {
        var client = new SctpAssociation(new SctpOptions(), new byte[SctpAssociation.EntropyLength]);
        var buffer = new byte[1140];
        client.Connect(TimeSpan.Zero);
        client.TryTakeTransmit(TimeSpan.Zero, buffer, out int length);
        string init = Convert.ToHexString(buffer.AsSpan(SctpPacket.HeaderLength, length - SctpPacket.HeaderLength));
        string tsn = Convert.ToHexString(buffer.AsSpan(SctpPacket.HeaderLength + 16, 4));
        yield return init;
        yield return $"00030014{tsn}0000000000000035 01020304"; // DATA
        yield return $"0003001E{tsn}0000000000000032 03000000000000000002000061610000"; // DATA with a DCEP OPEN
        yield return "0300001400000000000186A00001000100020003 00000000"; // SACK
        yield return "0400000C000100080102030405060708"; // HEARTBEAT
        yield return "0600000800 0C0004"; // ABORT
        yield return "0700000800000000"; // SHUTDOWN
        yield return "0800000400000000"[..8]; // SHUTDOWN ACK
        yield return "0A000008DEADBEEF"; // COOKIE ECHO
        yield return $"82000018000D0012{tsn}{tsn}{tsn}00010000"; // RE-CONFIG
        yield return "82000010001000 0C0000000100000001";
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Testing.WebRtc;
using VoiceCarnival.Transports.WebRtc;
using VoiceCarnival.Transports.WebRtc.Dtls;
using VoiceCarnival.Transports.WebRtc.Network;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Fuzz;

/// <summary>Targets of the WebRTC driver: what comes before a handshake, and a whole peer behind the port that all share.</summary>
internal static class WebRtcTargets
{
    private static readonly Lazy<DtlsIdentity> Identity = new(() => new DtlsIdentity(TimeProvider.System));
    private static PeerRig? _rig;

    public static IReadOnlyList<Target> All { get; } =
    [
        new("dtls", ReadHandshake, [.. Hellos()]),
        new("dcep", ReadDcep, [new DcepOpen(0, 0, 0, "oai-events", "voicecarnival").Format(), new DcepOpen(0x82, 256, 1000, "", "").Format(), [DcepOpen.AckType]]),
        new("peer", ReadPeer, [[0, 4, 1, 2, 3, 4], [1, 20, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [2, 9, 0x80, 0, 0, 1, 0, 0, 0, 1, 9], [3, 8, 0, 6, 0, 4, 1, 2, 3, 4], [2, 3, 0xC8, 0, 7]]),
    ];

    /// <summary>The input is what a stranger with a proven path sends in place of a handshake, in datagrams of up to 255 bytes. It may fail, but only as the driver's own border expects.</summary>
    private static void ReadHandshake(byte[] bytes)
    {
        try
        {
            new DtlsServerProtocol().Accept(new DtlsServerSide(new DtlsTerms(Identity.Value, [Identity.Value.Fingerprint], NeedsSrtp: true, TimeSpan.FromSeconds(1))), new Script(bytes));
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // a handshake that fails, as PeerHandshake takes it
        }
    }

    private static void ReadDcep(byte[] bytes)
    {
        if (DcepOpen.TryRead(bytes) is { } open && open.Format().Length < bytes.Length)
            throw new InvalidOperationException("It came out shorter than it went in.");
    }

    /// <summary>
    /// The input is datagrams along the path of a call under way: a kind (as they are, a DTLS record under the right epoch, media, a check with the call's own fragment), a length and bytes each.
    /// Nothing may come out of it but packets that are taken or dropped.
    /// </summary>
    private static void ReadPeer(byte[] bytes)
    {
        if (_rig?.End is { } end)
            throw new InvalidOperationException("Bytes in a peer's name, which are not genuine, have ended its call: " + end);
        if (_rig is null or { IsOver: true })
            _rig = new PeerRig(Identity.Value);
        for (var rest = bytes.AsSpan(); rest.Length > 2;)
        {
            int length = Math.Min(rest[1], rest.Length - 2);
            _rig.Receive(rest[0] % 4, rest.Slice(2, length));
            rest = rest[(2 + length)..];
        }
    }

    /// <summary>A ClientHello as our own client makes it, whole and in records of other epochs and types.</summary>
    private static IEnumerable<byte[]> Hellos()
    {
        var sent = new List<byte[]>();
        var datagrams = new DtlsDatagrams(datagram => sent.Add(datagram.ToArray()));
        datagrams.Close();
        try
        {
            new DtlsClientProtocol().Connect(new DtlsClientSide(new DtlsTerms(Identity.Value, [Identity.Value.Fingerprint], NeedsSrtp: true, TimeSpan.FromSeconds(1))), datagrams);
        }
        catch (IOException)
        {
            // nobody answers
        }

        byte[] hello = sent[0];
        yield return Script.Of(hello);
        yield return Script.Of(hello, hello);
        yield return Script.Of([21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40]);
        yield return Script.Of([20, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1], hello);
    }

    /// <summary>Datagrams out of an input, then the end.</summary>
    private sealed class Script(byte[] input) : DatagramTransport
    {
        private int _at;

        public static byte[] Of(params byte[][] datagrams) => [.. datagrams.SelectMany(datagram => datagram.Chunk(255)).SelectMany(piece => (byte[])[(byte)piece.Length, .. piece])];

        public int GetReceiveLimit() => 2048;

        public int GetSendLimit() => 1200;

        public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

        public int Receive(Span<byte> buffer, int waitMillis)
        {
            if (_at + 1 >= input.Length)
                throw new EndOfStreamException();
            // Pieces of full length belong to one datagram.
            int written = 0;
            int length;
            do
            {
                length = Math.Min(input[_at], input.Length - _at - 1);
                int fits = Math.Min(length, buffer.Length - written);
                input.AsSpan(_at + 1, fits).CopyTo(buffer[written..]);
                written += fits;
                _at += 1 + length;
            }
            while (length == 255 && _at + 1 < input.Length);
            return written;
        }

        public void Send(byte[] buf, int off, int len)
        {
        }

        public void Send(ReadOnlySpan<byte> buffer)
        {
        }

        public void Close()
        {
        }
    }

    /// <summary>A peer that is connected to one of our own, in memory.</summary>
    [SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It lives as long as the process, or until its peer is over.")]
    private sealed class PeerRig : IPeerOwner, IDatagramEnd
    {
        private static readonly SocketAddress Client = new IPEndPoint(IPAddress.Parse("198.51.100.7"), 40_000).Serialize();
        // Whoever listens to meters keeps them: one for all.
        private static readonly WebRtcMetrics Metrics = new(new Meters());
        private readonly PeerDemultiplexer _demultiplexer;
        private readonly WebRtcPeer _peer;
        private readonly RtcEndpoint _client;
        private readonly ConcurrentQueue<byte[]> _toClient = new();
        private readonly byte[] _buffer = new byte[512];
        private volatile string? _end;

        public PeerRig(DtlsIdentity identity)
        {
            var services = new PeerServices(Options.Create(new WebRtcOptions()), Metrics, TimeProvider.System, NullLogger<WebRtcPeer>.Instance);
            _demultiplexer = new PeerDemultiplexer(services);
            _client = new RtcEndpoint(new RtcPeerOptions(), datagram => _demultiplexer!.Receive(this, datagram.ToArray(), Client), TimeProvider.System);
            SessionDescription.TryRead(_client.Offer(), out var description, out _);
            WebRtcOffer.TryRead(description!, out var offer, out _);
            _peer = new WebRtcPeer(services, offer!, this);
            _client.Take($"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=ice-ufrag:{_peer.Local.Ufrag}\r\na=ice-pwd:{_peer.Local.Password}\r\na=fingerprint:{services.Identity.Fingerprint}\r\n");
            _client.SendCheck();
            var securing = Task.Run(_client.Secure);
            for (long began = Environment.TickCount64; !(securing.IsCompleted && _client.Opened.IsCompleted); Thread.Sleep(1))
            {
                Pump();
                if (securing.IsFaulted || Environment.TickCount64 - began > 30_000)
                    throw new InvalidOperationException("The rig does not connect.", securing.Exception);
            }
        }

        public bool IsOver => _peer.IsOver || _client.Closed.IsCompleted;

        /// <summary>How the call ended; null while it goes on, or when it went silent.</summary>
        public string? End => _end;

        int IDatagramEnd.Number => 1;

        IceTransport IDatagramEnd.Transport => IceTransport.Udp;

        IPEndPoint IDatagramEnd.Local { get; } = new(IPAddress.Loopback, 1);

        public void Receive(int kind, ReadOnlySpan<byte> bytes)
        {
            var datagram = _buffer.AsSpan(0, bytes.Length);
            bytes.CopyTo(datagram);
            switch (kind)
            {
                case 1 when bytes.Length > 13:
                    ReadOnlySpan<byte> head = [(byte)(20 + bytes[0] % 4), 0xFE, 0xFD, 0, (byte)(bytes[1] % 3)];
                    head.CopyTo(datagram);
                    datagram[11] = 0;
                    datagram[12] = (byte)(bytes.Length - 13);
                    break;
                case 2 when bytes.Length > 0:
                    datagram[0] |= 0x80;
                    datagram[0] &= 0xBF;
                    break;
                case 3:
                    var writer = new StunWriter(_buffer, StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 2));
                    writer.Add(StunAttributeType.Username, _peer.Local.Ufrag + ":" + Encoding.Latin1.GetString(bytes[..Math.Min(8, bytes.Length)]));
                    if (bytes.Length > 8)
                        writer.Add((StunAttributeType)(bytes[8] << 8 | bytes[^1]), bytes[8..Math.Min(bytes.Length, 200)]);
                    writer.AddFingerprint();
                    datagram = _buffer.AsSpan(0, writer.Length);
                    break;
            }

            _demultiplexer.Receive(this, datagram, Client);
            Pump();
        }

        void IDatagramEnd.Send(ReadOnlySpan<byte> datagram, SocketAddress remote) => _toClient.Enqueue(datagram.ToArray());

        // What the peer sends under its lock reaches the other side without it, as over a network.
        private void Pump()
        {
            while (_toClient.TryDequeue(out byte[]? datagram))
                _client.Receive(datagram);
        }

        void IDatagramEnd.Hold()
        {
        }

        void IDatagramEnd.Release()
        {
        }

        void IPeerOwner.OnSecured()
        {
        }

        void IPeerOwner.OnChannel(string protocol)
        {
        }

        ValueTask IPeerOwner.OnMessageAsync(ReadOnlyMemory<byte> utf8Json) => ValueTask.CompletedTask;

        void IPeerOwner.OnRoom()
        {
        }

        void IPeerOwner.OnRtp(ReadOnlySpan<byte> packet)
        {
        }

        void IPeerOwner.OnRtcp(ReadOnlySpan<byte> packet)
        {
        }

        void IPeerOwner.OnEnded(PeerEnd end, string? detail)
        {
            // That no check comes any more is no fault of the bytes.
            _end = end == PeerEnd.Silent ? null : $"{end} {detail}";
            _peer.Release();
        }

        private sealed class Meters : IMeterFactory
        {
            public Meter Create(MeterOptions options) => new(options);

            public void Dispose()
            {
            }
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>
/// A browser's side of a WebRTC call, without a browser: full ICE towards a lite server, DTLS client, SRTP, the channel <c>oai-events</c>. For tests and load; real browsers are
/// tried elsewhere.
/// </summary>
public sealed class RtcPeer : IDisposable
{
    private static readonly Lazy<DtlsIdentity> Shared = new(() => new DtlsIdentity(TimeProvider.System));
    private readonly Lock _gate = new();
    private readonly RtcPeerOptions _options;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _epoch = TimeProvider.System.GetTimestamp();
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();
    private readonly TaskCompletionSource _checked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Ssrc _ssrc = new((uint)RandomNumberGenerator.GetInt32(int.MaxValue));
    private readonly DtlsDatagrams _datagrams;
    private readonly Timer _timer;
    private Socket _socket;
    private IceCredentials _local = NewCredentials();
    private IceCredentials? _remote;
    private IPEndPoint? _server;
    private DtlsLink? _link;
    private SctpAssociation? _association;
    private DataChannels? _channels;
    private ushort? _channel;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private ushort _sequence;
    private uint _timestamp;
    private TimeSpan _lastCheck;
    private volatile bool _isGone;

    /// <summary>Makes a peer that does nothing yet.</summary>
    public RtcPeer(RtcPeerOptions? options = null)
    {
        _options = options ?? new RtcPeerOptions();
        _datagrams = new DtlsDatagrams(SendRaw);
        _socket = NewSocket();
        _timer = new Timer(_ => OnTimer(), null, 20, 20);
    }

    /// <summary>Takes a decrypted packet.</summary>
    public delegate void PacketTaker(ReadOnlySpan<byte> packet);

    /// <summary>Events in their order.</summary>
    public ChannelReader<JsonElement> Events => _events.Reader;

    /// <summary>Completes when the channel is open.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes with the first RTP packet.</summary>
    public Task Heard => _heard.Task;

    /// <summary>Completes when the other side has ended the call: <c>channel</c>, <c>abort</c> or <c>dtls</c>.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>RTP packets that came and were genuine.</summary>
    public long PacketsReceived { get; private set; }

    /// <summary>Told of each RTP packet, on the receiving thread.</summary>
    public PacketTaker? OnRtp { get; set; }

    /// <summary>The call's path, <c>/v1/realtime/calls/rtc_…</c>.</summary>
    public string Location { get; private set; } = "";

    /// <summary>What the server answered last.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Where the server listens.</summary>
    public IPEndPoint Server => _server!;

    /// <summary>The server's fragment for this call.</summary>
    public string ServerUfrag => _remote!.Ufrag;

    /// <summary>DATA chunks that had to be sent again.</summary>
    public long Retransmissions => _association?.Retransmissions ?? 0;

    private TimeSpan Now => _time.GetElapsedTime(_epoch);

    /// <summary>The offer, in Chromium's manner.</summary>
    public string Offer()
    {
        var mids = new List<string>();
        var text = new StringBuilder("v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
        var sections = new StringBuilder();
        if (_options.HasAudio)
        {
            string type = _options.Codec.PayloadType.ToString(CultureInfo.InvariantCulture);
            sections.Append(CultureInfo.InvariantCulture, $"m=audio 9 UDP/TLS/RTP/SAVPF {type}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
            Transport(sections, mids);
            sections.Append(CultureInfo.InvariantCulture, $"a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:{type} {_options.Codec.Map}\r\na=ssrc:{_ssrc} cname:test\r\n");
        }

        if (_options.HasData)
        {
            sections.Append("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n");
            Transport(sections, mids);
            sections.Append(CultureInfo.InvariantCulture, $"a=sctp-port:5000\r\na=max-message-size:{_options.MaxMessageSize}\r\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"a=group:BUNDLE {string.Join(' ', mids)}\r\n").Append(sections).ToString();
    }

    /// <summary>Starts a call: offer, answer, connection, channel.</summary>
    public async Task CallAsync(HttpClient client, string query = "", string? bearer = null, CancellationToken cancellationToken = default)
    {
        using var response = await PostAsync(client, HttpMethod.Post, "/v1/realtime/calls" + query, bearer, cancellationToken);
        Answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Created)
            throw new InvalidOperationException($"The offer was answered with {(int)response.StatusCode}: {Answer}");
        Location = response.Headers.Location!.ToString();
        await ConnectAsync(Answer, cancellationToken);
    }

    /// <summary>Posts the offer and hands back what came.</summary>
    public async Task<HttpResponseMessage> PostAsync(HttpClient client, HttpMethod method, string path, string? bearer = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(Offer()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return await client.SendAsync(request, cancellationToken);
    }

    /// <summary>Restarts ICE over another socket, as after a change of networks.</summary>
    public async Task RestartAsync(HttpClient client, CancellationToken cancellationToken = default)
    {
        _local = NewCredentials();
        using var response = await PostAsync(client, HttpMethod.Patch, Location, null, cancellationToken);
        Answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"The restart was answered with {(int)response.StatusCode}: {Answer}");
        Read(Answer);
        MoveSocket();
    }

    /// <summary>Goes on from another port, with the same credentials: another network path.</summary>
    public void MoveSocket()
    {
        var former = _socket;
        _socket = NewSocket();
        _socket.Connect(_server!);
        Listen(_socket);
        former.Dispose();
        SendCheck();
    }

    /// <summary>Sets up the connection that an answer describes; complete when all that was offered is there.</summary>
    public async Task ConnectAsync(string answer, CancellationToken cancellationToken = default)
    {
        Answer = answer;
        Read(answer);
        _socket.Connect(_server!);
        Listen(_socket);
        for (int tries = 0; !_checked.Task.IsCompleted; tries++)
        {
            if (tries == 50)
                throw new TimeoutException("No check was answered.");
            SendCheck();
            await Task.WhenAny(_checked.Task, Task.Delay(100, cancellationToken));
        }

        await Task.Factory.StartNew(Handshake, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (_options.HasData)
            await _opened.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
    }

    /// <summary>Sends an event; false when the send buffer is full.</summary>
    public bool Send(string json)
    {
        lock (_gate)
        {
            bool sent = _channels!.TrySendText(_channel!.Value, Encoding.UTF8.GetBytes(json));
            Pump();
            return sent;
        }
    }

    /// <summary>Sends 20 ms of audio.</summary>
    public void SendRtp(ReadOnlySpan<byte> payload, bool marker = false)
    {
        Span<byte> packet = stackalloc byte[1400];
        new RtpHeader
        {
            PayloadType = new PayloadType(_options.Codec.PayloadType),
            Sequence = new SequenceNumber(_sequence++),
            Timestamp = _timestamp,
            Ssrc = _ssrc,
            Marker = marker,
        }.Write(packet);
        _timestamp += _options.Step;
        payload.CopyTo(packet[RtpHeader.FixedLength..]);
        int length = RtpHeader.FixedLength + payload.Length;
        lock (_gate)
        {
            if (_sender?.ProtectRtp(packet, ref length) == SrtpError.None)
                SendRaw(packet[..length]);
        }
    }

    /// <summary>The next event of a type; what comes before it is passed over.</summary>
    public async Task<JsonElement> WaitForAsync(string type)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var next = await _events.Reader.ReadAsync(limit.Token);
            if (next.GetProperty("type").GetString() == type)
                return next;
        }
    }

    /// <summary>Closes the channel in order.</summary>
    public void CloseChannel()
    {
        lock (_gate)
        {
            _channels!.Close(_channel!.Value);
            Pump();
        }
    }

    /// <summary>Ends at once, as a page that is left does.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _association?.Abort();
            Pump();
            _link?.Close();
        }
    }

    /// <summary>Sends bytes as they are, along the call's own path.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _socket.Send(datagram);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // lost
        }
    }

    /// <summary>Vanishes without a word, as a killed browser does.</summary>
    public void Dispose()
    {
        _isGone = true;
        _timer.Dispose();
        _datagrams.Close();
        _socket.Dispose();
        lock (_gate)
        {
            _sender?.Dispose();
            _receiver?.Dispose();
            _sender = null;
            _receiver = null;
        }

        _events.Writer.TryComplete();
    }

    private static IceCredentials NewCredentials() => IceCredentials.Create(RandomNumberGenerator.GetBytes(IceCredentials.EntropyLength));

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Transport(StringBuilder text, List<string> mids)
    {
        string mid = mids.Count.ToString(CultureInfo.InvariantCulture);
        mids.Add(mid);
        text.Append(CultureInfo.InvariantCulture, $"a=ice-ufrag:{_local.Ufrag}\r\na=ice-pwd:{_local.Password}\r\na=ice-options:trickle\r\na=fingerprint:{Shared.Value.Fingerprint}\r\na=setup:{_options.Setup}\r\na=mid:{mid}\r\n");
    }

    private void Read(string answer)
    {
        if (!SessionDescription.TryRead(answer, out var description, out var error))
            throw new InvalidOperationException("The answer cannot be read: " + error);
        var media = description.Media.First(section => !section.IsRejected);
        IceCredentials.TryCreate(description.Find(media, "ice-ufrag")!.Value!, description.Find(media, "ice-pwd")!.Value!, out _remote);
        foreach (var line in media.Attributes.All("candidate"))
        {
            if (IceCandidate.TryParse(line.Value, out var candidate) && candidate.Address == "127.0.0.1" && candidate.Transport == IceTransport.Udp)
            {
                _server = new IPEndPoint(IPAddress.Parse(candidate.Address), candidate.Port);
                return;
            }
        }

        throw new InvalidOperationException("The answer has no candidate on loopback:\n" + answer);
    }

    private void SendCheck()
    {
        _lastCheck = Now;
        Span<byte> buffer = stackalloc byte[512];
        var id = RandomNumberGenerator.GetBytes(12);
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, StunTransactionId.Read(id));
        writer.Add(StunAttributeType.Username, $"{_remote!.Ufrag}:{_local.Ufrag}");
        writer.Add(StunAttributeType.Priority, 1_845_501_695u);
        writer.Add(StunAttributeType.IceControlling, 1UL);
        writer.Add(StunAttributeType.UseCandidate, []);
        writer.AddMessageIntegrity(Encoding.ASCII.GetBytes(_remote.Password));
        writer.AddFingerprint();
        SendRaw(buffer[..writer.Length]);
    }

    private void Listen(Socket socket) => new Thread(() =>
    {
        var buffer = new byte[2048];
        while (!_isGone)
        {
            try
            {
                int length = socket.Receive(buffer);
                Receive(buffer.AsSpan(0, length));
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody there yet, or any more.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }, 256 * 1024)
    { IsBackground = true, Name = "rtc peer" }.Start();

    private void Receive(Span<byte> datagram)
    {
        switch (DatagramKinds.Of(datagram))
        {
            case DatagramKind.Stun:
                if (StunMessage.TryRead(datagram, out var message) == StunError.None && message.Class == StunClass.Success)
                    _checked.TrySetResult();
                break;
            case DatagramKind.Dtls:
                lock (_gate)
                {
                    _datagrams.Offer(datagram);
                    TakeData();
                }

                break;
            case DatagramKind.Rtp:
                int length;
                lock (_gate)
                {
                    if (_receiver is null || _receiver.UnprotectRtp(datagram, out length) != SrtpError.None)
                        return;
                }

                PacketsReceived++;
                _heard.TrySetResult();
                OnRtp?.Invoke(datagram[..length]);
                break;
        }
    }

    private void Handshake()
    {
        bool isClient = _options.Setup != "passive";
        var terms = new DtlsTerms(Shared.Value, [DtlsPrint()], NeedsSrtp: _options.HasAudio, TimeSpan.FromSeconds(20));
        IDtlsSide side;
        DtlsTransport transport;
        if (isClient)
        {
            var client = new DtlsClientSide(terms);
            side = client;
            transport = new DtlsClientProtocol().Connect(client, _datagrams);
        }
        else
        {
            var server = new DtlsServerSide(terms);
            side = server;
            transport = new DtlsServerProtocol().Accept(server, _datagrams);
        }

        lock (_gate)
        {
            _link = new DtlsLink(transport, _datagrams);
            _datagrams.EndHandshake();
            if (side.Keys is { } keys)
            {
                _sender = new SrtpSender(keys.Local);
                _receiver = new SrtpReceiver(keys.Remote);
                keys.Dispose();
            }

            if (_options.HasData)
            {
                _association = new SctpAssociation(new SctpOptions(), RandomNumberGenerator.GetBytes(SctpAssociation.EntropyLength));
                _channels = new DataChannels(_association, isClient);
                _association.Connect(Now);
            }

            TakeData();
        }
    }

    private DtlsFingerprint DtlsPrint()
    {
        SessionDescription.TryRead(Answer.Length > 0 ? Answer : throw new InvalidOperationException("There is no answer."), out var description, out _);
        var media = description!.Media.First(section => !section.IsRejected);
        return DtlsFingerprint.TryParse(description.Find(media, "fingerprint")!.Value, out var print) ? print : throw new InvalidOperationException("The answer has no fingerprint.");
    }

    private void TakeData()
    {
        if (_link is null)
            return;
        while (_link.TryTake(out var data))
            _association?.Receive(data, Now);
        if (_link.IsClosed)
            _closed.TrySetResult("dtls");
        Pump();
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_isGone || _server is null || _remote is null)
                return;
            if (_checked.Task.IsCompleted && Now - _lastCheck > TimeSpan.FromSeconds(2))
                SendCheck();
            if (_link is null)
                return;
            _association?.AdvanceTo(Now);
            Pump();
        }
    }

    private void Pump()
    {
        if (_link is null || _association is null || _channels is null)
            return;
        while (_channels.TryTakeEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case DataChannelEventKind.Connected:
                    _channel = _channels.TryOpen("oai-events", _options.Protocol)!.Id;
                    break;
                case DataChannelEventKind.Opened:
                    _opened.TrySetResult();
                    break;
                case DataChannelEventKind.Text:
                    _events.Writer.TryWrite(JsonElement.Parse(happened.Payload.Span));
                    break;
                case DataChannelEventKind.ChannelClosed:
                    _closed.TrySetResult("channel");
                    break;
                case DataChannelEventKind.Closed:
                    _closed.TrySetResult("abort");
                    break;
            }
        }

        Span<byte> packet = stackalloc byte[1200];
        while (_association.TryTakeTransmit(Now, packet, out int length))
            _link.Send(packet[..length]);
    }
}

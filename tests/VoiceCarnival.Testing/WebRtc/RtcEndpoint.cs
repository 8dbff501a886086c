using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>
/// A browser's side of a call without sockets: checks towards a lite server, DTLS, SRTP, the channel <c>oai-events</c>. Datagrams and time in, datagrams out, by whatever clock
/// there is; only the handshake has a thread, which waits for real.
/// </summary>
public sealed class RtcEndpoint : IDisposable
{
    private static readonly Lazy<DtlsIdentity> Shared = new(() => new DtlsIdentity(TimeProvider.System));
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly RtcPeerOptions _options;
    private readonly DatagramSender _send;
    private readonly TimeProvider _time;
    private readonly long _epoch;
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();
    private readonly TaskCompletionSource _checked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Ssrc _ssrc = new((uint)RandomNumberGenerator.GetInt32(int.MaxValue));
    private readonly RtcHandshake _handshake;
    private readonly SctpAssociation? _association;
    private IceCredentials _local = NewCredentials();
    private RtcAnswer? _answer;
    private DtlsLink? _link;
    private DataChannels? _channels;
    private ushort? _channel;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private ushort _sequence;
    private uint _timestamp;
    private TimeSpan _lastCheck;
    private bool _isGone;

    /// <summary>An endpoint that does nothing yet.</summary>
    /// <param name="options">What it offers.</param>
    /// <param name="send">Sends to the server, or loses.</param>
    /// <param name="time">Its clock.</param>
    public RtcEndpoint(RtcPeerOptions options, DatagramSender send, TimeProvider time)
    {
        (_options, _send, _time) = (options, send, time);
        _epoch = time.GetTimestamp();
        _handshake = new RtcHandshake(Shared.Value, options, send);
        if (options.HasData)
            _association = new SctpAssociation(new SctpOptions(), RandomNumberGenerator.GetBytes(SctpAssociation.EntropyLength));
    }

    /// <summary>Sends a datagram to the server.</summary>
    public delegate void DatagramSender(ReadOnlySpan<byte> datagram);

    /// <summary>Takes a decrypted packet.</summary>
    public delegate void PacketTaker(ReadOnlySpan<byte> packet);

    /// <summary>Events in their order.</summary>
    public ChannelReader<JsonElement> Events => _events.Reader;

    /// <summary>Completes when a check was answered.</summary>
    public Task Checked => _checked.Task;

    /// <summary>Completes when the channel is open.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes with the first RTP packet.</summary>
    public Task Heard => _heard.Task;

    /// <summary>Completes when the other side has ended the call: <c>channel</c>, <c>abort</c> or <c>dtls</c>.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>RTP packets that came and were genuine.</summary>
    public long PacketsReceived { get; private set; }

    /// <summary>Told of each RTP packet.</summary>
    public PacketTaker? OnRtp { get; set; }

    /// <summary>DATA chunks that had to be sent again.</summary>
    public long Retransmissions => _association?.Retransmissions ?? 0;

    /// <summary>The handshake is through.</summary>
    public bool IsSecured => _link is not null;

    /// <summary>When <see cref="Advance"/> is due.</summary>
    public TimeSpan NextDeadline
    {
        get
        {
            lock (_gate)
            {
                var check = _lastCheck + CheckEvery;
                return _link is not null && _association?.NextDeadline is { } at && at < check ? at : check;
            }
        }
    }

    /// <summary>Its clock, from zero.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_epoch);

    /// <summary>The offer, in Chromium's manner.</summary>
    public string Offer() => RtcOffer.Write(_options, _local, Shared.Value.Fingerprint, _ssrc);

    /// <summary>New credentials, for the next offer.</summary>
    public void Restart() => _local = NewCredentials();

    /// <summary>Takes an answer.</summary>
    public RtcAnswer Take(string answer) => _answer = RtcAnswer.Read(answer);

    /// <summary>Asks the server whether it is there, and nominates the path.</summary>
    public void SendCheck()
    {
        _lastCheck = Now;
        Span<byte> buffer = stackalloc byte[512];
        Span<byte> id = stackalloc byte[12];
        RandomNumberGenerator.Fill(id);
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, StunTransactionId.Read(id));
        writer.Add(StunAttributeType.Username, $"{_answer!.Ice.Ufrag}:{_local.Ufrag}");
        writer.Add(StunAttributeType.Priority, 1_845_501_695u);
        writer.Add(StunAttributeType.IceControlling, 1UL);
        writer.Add(StunAttributeType.UseCandidate, []);
        writer.AddMessageIntegrity(Encoding.ASCII.GetBytes(_answer.Ice.Password));
        writer.AddFingerprint();
        _send(buffer[..writer.Length]);
    }

    /// <summary>Runs the handshake; on the caller's thread, which waits.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public void Secure()
    {
        var secured = _handshake.Run(_answer!.Fingerprint);
        lock (_gate)
        {
            _link = secured.Link;
            if (secured.Keys is { } keys)
            {
                _sender = new SrtpSender(keys.Local);
                _receiver = new SrtpReceiver(keys.Remote);
                keys.Dispose();
            }

            if (_association is not null)
            {
                _channels = new DataChannels(_association, secured.IsClient);
                _association.Connect(Now);
            }

            TakeData();
        }
    }

    /// <summary>A datagram came; decrypted in place.</summary>
    public void Receive(Span<byte> datagram)
    {
        switch (DatagramKinds.Of(datagram))
        {
            case DatagramKind.Stun:
                if (StunMessage.TryRead(datagram, out var message) != StunError.None)
                    return;
                if (message.Class == StunClass.Success)
                    _checked.TrySetResult();
                else if (message.Class == StunClass.Request)
                    AnswerCheck(message);
                break;
            case DatagramKind.Dtls:
                lock (_gate)
                {
                    _handshake.Offer(datagram);
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

    /// <summary>Lets time pass.</summary>
    public void Advance()
    {
        lock (_gate)
        {
            if (_isGone || _answer is null)
                return;
            if (Now - _lastCheck >= CheckEvery)
                SendCheck();
            if (_link is null)
                return;
            _association?.AdvanceTo(Now);
            Pump();
        }
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
        int length = RtpHeader.FixedLength + payload.Length;
        payload.CopyTo(packet[RtpHeader.FixedLength..]);
        lock (_gate)
        {
            new RtpHeader
            {
                PayloadType = new PayloadType(_options.Codec.PayloadType),
                Sequence = new SequenceNumber(_sequence++),
                Timestamp = _timestamp,
                Ssrc = _ssrc,
                Marker = marker,
            }.Write(packet);
            _timestamp += _options.Step;
            if (_sender?.ProtectRtp(packet, ref length) == SrtpError.None)
                _send(packet[..length]);
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

    /// <summary>Vanishes without a word, as a killed browser does.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isGone = true;
            _handshake.Close();
            _sender?.Dispose();
            _receiver?.Dispose();
            _sender = null;
            _receiver = null;
        }

        _events.Writer.TryComplete();
    }

    private static IceCredentials NewCredentials() => IceCredentials.Create(RandomNumberGenerator.GetBytes(IceCredentials.EntropyLength));

    // Who calls itself lite has no need to ask; some do.
    private void AnswerCheck(in StunMessage message)
    {
        if (_answer is null)
            return;
        Span<byte> buffer = stackalloc byte[512];
        var writer = new StunWriter(buffer, StunClass.Success, StunMethod.Binding, message.TransactionId);
        writer.AddXorMappedAddress(_answer.OnThisMachine(_options.Transport, _options.IsSix));
        writer.AddMessageIntegrity(Encoding.ASCII.GetBytes(_local.Password));
        writer.AddFingerprint();
        _send(buffer[..writer.Length]);
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

    private void Pump()
    {
        if (_link is null || _association is null || _channels is null)
            return;
        string? closed = null;
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
                    closed ??= "channel";
                    break;
                case DataChannelEventKind.Closed:
                    closed ??= "abort";
                    break;
            }
        }

        Span<byte> packet = stackalloc byte[1200];
        while (_association.TryTakeTransmit(Now, packet, out int length))
            _link.Send(packet[..length]);
        // Who hears of it may be gone at once, with the answer to the other side's unsent.
        if (closed is not null)
            _closed.TrySetResult(closed);
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Audio;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.Sip;

/// <summary>
/// Makes calls over UDP: all over one socket for messages and one for audio, each with a thread of its own; packets count by the kernel's stamp, so that what is measured is not our own scheduling. Speaks a recording
/// without end, or is silent but for a sound a second.
/// </summary>
internal sealed class SipGenerator : IDisposable
{
    private const int FrameBytes = 160;
    private const int SoundEvery = 50; // frames
    private const byte Quiet = 0xFF;
    private const int Niceness = 10;
    private static readonly byte[] Sound = Tone();
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private readonly Socket _signalling;
    private readonly Socket _audio;
    private readonly IPEndPoint _server;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(int Status, string Message)>> _waiting = new();
    private readonly ConcurrentDictionary<string, Line> _lines = new();
    private readonly Dictionary<uint, Stream> _streams = [];
    private readonly byte[] _recording = Recording();
    private readonly CancellationTokenSource _stopping = new();
    private readonly bool _makesSounds;
    private int _calls;
    private int _sound;
    private TimeSpan _soundAt;

    /// <summary>No call yet.</summary>
    /// <param name="server">Whom to call.</param>
    /// <param name="from">Our address; loopback when nothing is said.</param>
    /// <param name="makesSounds">Silence with a sound a second, in place of the recording.</param>
    public SipGenerator(IPEndPoint server, IPAddress? from = null, bool makesSounds = false)
    {
        (_server, _makesSounds) = (server, makesSounds);
        _signalling = Bind(from ?? IPAddress.Loopback);
        _audio = Bind(from ?? IPAddress.Loopback);
        Start(ReceiveMessages);
        Start(ReceiveAudio);
        Start(SendAudio);
    }

    /// <summary>Spacing of the packets of each call that come.</summary>
    public Histogram Spacing { get; private set; } = new();

    /// <summary>From the packet that a sound of ours begins in to the one that it comes back in.</summary>
    public Histogram Delay { get; private set; } = new();

    /// <summary>How late our own packets leave.</summary>
    public Histogram Lag { get; private set; } = new();

    public long Received { get; private set; }

    public long Lost { get; private set; }

    /// <summary>Counts from now on.</summary>
    public void Restart()
    {
        lock (_streams)
        {
            _streams.Clear();
            (Received, Lost, Spacing, Lag, Delay) = (0, 0, new Histogram(), new Histogram(), new Histogram());
        }
    }

    /// <summary>Calls, and is answered.</summary>
    /// <returns>The call, its final status, and how long that took.</returns>
    public async Task<(string Call, int Status, TimeSpan Time)> CallAsync()
    {
        string call = $"bench{Interlocked.Increment(ref _calls)}-{((IPEndPoint)_signalling.LocalEndPoint!).Port}";
        long began = Stopwatch.GetTimestamp();
        string sdp = $"v=0\r\no=b 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {Host}\r\nt=0 0\r\nm=audio {((IPEndPoint)_audio.LocalEndPoint!).Port} RTP/AVP 0\r\n";
        var (status, message) = await AskAsync(call, "INVITE", 1, "", sdp);
        var time = Stopwatch.GetElapsedTime(began);
        if (status is >= 200 and < 300)
        {
            string tag = TagOf(message);
            Send(call, "ACK", 1, tag, "");
            int at = message.IndexOf("m=audio ", StringComparison.Ordinal) + 8;
            _lines[call] = new Line(tag, new IPEndPoint(_server.Address, int.Parse(message.AsSpan(at, message.IndexOf(' ', at) - at), CultureInfo.InvariantCulture)), (uint)Random.Shared.Next());
        }

        return (call, status, time);
    }

    public async Task HangUpAsync(string call)
    {
        if (_lines.TryRemove(call, out var line))
            await AskAsync(call, "BYE", 2, line.Tag, "");
    }

    public Task HangUpAllAsync() => Task.WhenAll(_lines.Keys.Select(HangUpAsync));

    public void Dispose()
    {
        _stopping.Cancel();
        _signalling.Dispose();
        _audio.Dispose();
    }

    /// <summary>An INVITE of nobody's.</summary>
    public static byte[] Invite(string call, IPEndPoint from, IPEndPoint to) => Encoding.ASCII.GetBytes(Head(call, "INVITE", 1, "", from, to) + "Content-Length: 0\r\n\r\n");

    private string Host => ((IPEndPoint)_signalling.LocalEndPoint!).Address.ToString();

    private async Task<(int Status, string Message)> AskAsync(string call, string method, int sequence, string tag, string body)
    {
        string key = $"{call} {method}";
        var answer = new TaskCompletionSource<(int, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[key] = answer;
        for (int wait = 500; wait <= 16_000; wait *= 2)
        {
            Send(call, method, sequence, tag, body);
            if (await Task.WhenAny(answer.Task, Task.Delay(wait)) == answer.Task)
                return await answer.Task;
        }

        _waiting.TryRemove(key, out _);
        return (408, "");
    }

    private void Send(string call, string method, int sequence, string tag, string body)
    {
        string type = body.Length > 0 ? "Content-Type: application/sdp\r\n" : "";
        _signalling.SendTo(Encoding.ASCII.GetBytes($"{Head(call, method, sequence, tag, (IPEndPoint)_signalling.LocalEndPoint!, _server)}{type}Content-Length: {body.Length}\r\n\r\n{body}"), _server);
    }

    /// <summary>A request up to its body's headers.</summary>
    public static string Head(string call, string method, int sequence, string tag, IPEndPoint from, IPEndPoint to) =>
        $"{method} sip:agent@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};rport;branch=z9hG4bK{call}{method}\r\nMax-Forwards: 70\r\nFrom: <sip:bench@{from}>;tag=b\r\n"
        + $"To: <sip:agent@{to}>{(tag.Length > 0 ? ";tag=" + tag : "")}\r\nCall-ID: {call}\r\nCSeq: {sequence} {method}\r\nContact: <sip:bench@{from}>\r\n";

    private void ReceiveMessages()
    {
        var buffer = new byte[65_535];
        while (!_stopping.IsCancellationRequested)
        {
            string message = Encoding.ASCII.GetString(buffer, 0, _signalling.Receive(buffer));
            if (!message.StartsWith("SIP/2.0 ", StringComparison.Ordinal) || message[8] == '1')
                continue;
            string call = Field(message, "Call-ID: ");
            string method = Field(message, "CSeq: ").Split(' ')[1];
            if (_waiting.TryRemove($"{call} {method}", out var answer))
                answer.TrySetResult((int.Parse(message.AsSpan(8, 3), CultureInfo.InvariantCulture), message));
        }
    }

    private void ReceiveAudio()
    {
        var buffer = new byte[2048];
        var arrival = new ArrivalClock(_audio);
        ThreadNiceness.StepBack(Niceness); // by the kernel's stamp nothing is lost, and the server has its processors to itself
        while (!_stopping.IsCancellationRequested)
        {
            int length = _audio.Receive(buffer);
            var now = arrival.Last;
            if (length < 12)
                continue;
            uint source = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(8));
            ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(2));
            lock (_streams)
            {
                if (_streams.TryGetValue(source, out var stream))
                {
                    Spacing.Record(now - stream.At);
                    Lost += Math.Max(0, (short)(sequence - stream.Sequence) - 1);
                }

                int heard = stream.Sound;
                if (_makesSounds && heard != _sound && buffer.AsSpan(12, length - 12).IndexOfAnyInRange((byte)0x80, (byte)0xA8) >= 0)
                {
                    Delay.Record(now - _soundAt);
                    heard = _sound;
                }

                _streams[source] = new Stream(now, sequence, heard);
                Received++;
            }
        }
    }

    private void SendAudio()
    {
        var packet = new byte[12 + FrameBytes];
        packet[0] = 0x80;
        long start = Stopwatch.GetTimestamp();
        for (int frame = 1; !_stopping.IsCancellationRequested; frame++)
        {
            var wait = frame * Frame - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                Thread.Sleep(wait);
            Lag.Record(Stopwatch.GetElapsedTime(start) - frame * Frame);
            WriteFrame(frame, packet.AsSpan(12));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)frame);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(frame * FrameBytes));
            foreach (var line in _lines.Values)
            {
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), line.Source);
                _audio.SendTo(packet, line.Target);
            }
        }
    }

    private void WriteFrame(int frame, Span<byte> payload)
    {
        if (!_makesSounds)
        {
            _recording.AsSpan(frame * FrameBytes % (_recording.Length - FrameBytes), FrameBytes).CopyTo(payload);
            return;
        }

        payload.Fill(Quiet);
        if (frame % SoundEvery >= 3)
            return;
        Sound.CopyTo(payload);
        if (frame % SoundEvery != 0)
            return;
        lock (_streams)
            (_sound, _soundAt) = (_sound + 1, DateTime.UtcNow - DateTime.UnixEpoch);
    }

    private static byte[] Tone()
    {
        var bytes = new byte[FrameBytes];
        short[] samples = [.. Enumerable.Range(0, FrameBytes).Select(i => (short)(12_000 * Math.Sin(2 * Math.PI * 500 * i / 8000)))];
        VoiceCarnival.Audio.Codecs.AudioCodecs.Pcmu.CreateEncoder(new()).Encode(samples, bytes);
        return bytes;
    }

    private void Start(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    })
    { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();

    private static string Field(string message, string name)
    {
        int at = message.IndexOf("\r\n" + name, StringComparison.OrdinalIgnoreCase) + 2 + name.Length;
        return message[at..message.IndexOf('\r', at)];
    }

    /// <summary>The tag that a response has given us.</summary>
    public static string TagOf(string message)
    {
        string to = Field(message, "To: ");
        return to[(to.IndexOf(";tag=", StringComparison.Ordinal) + 5)..];
    }

    private static Socket Bind(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 << 20 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    // Every third sample will do: what it sounds like is not what is measured.
    private static byte[] Recording()
    {
        short[] speech = SpeechFile.Read("counting.wav");
        var encoder = VoiceCarnival.Audio.Codecs.AudioCodecs.Pcmu.CreateEncoder(new());
        short[] samples = [.. speech.Where((_, i) => i % 3 == 0)];
        var bytes = new byte[samples.Length / 160 * 160];
        for (int i = 0; i < bytes.Length; i += 160)
            encoder.Encode(samples.AsSpan(i, 160), bytes.AsSpan(i));
        return bytes;
    }

    private sealed record Line(string Tag, IPEndPoint Target, uint Source);

    private readonly record struct Stream(TimeSpan At, ushort Sequence, int Sound);
}

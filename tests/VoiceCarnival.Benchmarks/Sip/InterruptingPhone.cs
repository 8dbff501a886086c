using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.Sip;

/// <summary>One call over UDP, PCMU: listens to the agent for a while, then speaks over it from the beginning of a word on, and notes until when it hears the agent. By the kernel's stamps.</summary>
internal sealed class InterruptingPhone : IDisposable
{
    private const int FrameBytes = 160;
    private const int Quiet = 25; // frames
    private static readonly byte[] Words = SpokenFrames();
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static int _calls;
    private readonly Socket _signalling = Bind();
    private readonly Socket _audio = Bind();
    private readonly IPEndPoint _server;
    private readonly string _call = $"over{Interlocked.Increment(ref _calls)}";

    public InterruptingPhone(IPEndPoint server) => _server = server;

    /// <summary>From the moment in which the word's first packet leaves to the last of the agent's sound, played as it comes.</summary>
    public TimeSpan Run()
    {
        // 1. Call.
        string sdp = $"v=0\r\no=b 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {((IPEndPoint)_audio.LocalEndPoint!).Port} RTP/AVP 0\r\n";
        Send("INVITE", 1, "", sdp);
        string ok = Answer();
        string tag = SipGenerator.TagOf(ok);
        Send("ACK", 1, tag, "");
        int at = ok.IndexOf("m=audio ", StringComparison.Ordinal) + 8;
        var target = new IPEndPoint(_server.Address, int.Parse(ok.AsSpan(at, ok.IndexOf(' ', at) - at), CultureInfo.InvariantCulture));

        // 2. Listen, then speak; at another moment of the agent's frames each time.
        var packet = new byte[12 + FrameBytes];
        packet[0] = 0x80;
        var arrival = new ArrivalClock(_audio);
        long start = Stopwatch.GetTimestamp();
        int patience = 100 + Random.Shared.Next(50);
        var spokeAt = TimeSpan.Zero;
        var lastHeard = TimeSpan.Zero;
        int since = 0;
        for (int frame = 0; since < Quiet; frame++)
        {
            var due = start + (long)(frame * Frame.TotalSeconds * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due)
            {
                if (!_audio.Poll((int)Math.Max(0, (due - Stopwatch.GetTimestamp()) * 1_000_000 / Stopwatch.Frequency), SelectMode.SelectRead))
                    break;
                Hear(arrival, ref lastHeard, ref since);
            }

            int word = frame - patience;
            if (word == 0)
                (spokeAt, since) = (DateTime.UtcNow - DateTime.UnixEpoch, 0);
            if (word < 0)
                packet.AsSpan(12).Fill(0xFF);
            else
                Words.AsSpan(word * FrameBytes % Words.Length, FrameBytes).CopyTo(packet.AsSpan(12));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)frame);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(frame * FrameBytes));
            _audio.SendTo(packet, target);
            if (word < 0)
                since = 0;
        }

        Send("BYE", 2, tag, "");
        Answer();
        if (lastHeard < spokeAt)
            throw new UsageException("The agent was silent before it was interrupted.");
        return lastHeard - spokeAt;
    }

    public void Dispose()
    {
        _signalling.Dispose();
        _audio.Dispose();
    }

    private void Hear(ArrivalClock arrival, ref TimeSpan lastHeard, ref int since)
    {
        Span<byte> buffer = stackalloc byte[2048];
        int length = _audio.Receive(buffer);
        if (length <= 12)
            return;
        int last = buffer[12..length].LastIndexOfAnyInRange((byte)0x80, (byte)0xB8);
        since = last >= 0 ? 0 : since + 1;
        if (last >= 0)
            lastHeard = arrival.Last + TimeSpan.FromMilliseconds((last + 1) / 8.0);
    }

    private void Send(string method, int sequence, string tag, string body) => _signalling.SendTo(Encoding.ASCII.GetBytes(
        SipGenerator.Head(_call, method, sequence, tag, (IPEndPoint)_signalling.LocalEndPoint!, _server) + (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "")
        + $"Content-Length: {body.Length}\r\n\r\n{body}"), _server);

    private string Answer()
    {
        var buffer = new byte[65_535];
        while (true)
        {
            string message = Encoding.ASCII.GetString(buffer, 0, _signalling.Receive(buffer));
            if (message.StartsWith("SIP/2.0 2", StringComparison.Ordinal))
                return message;
        }
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    // From where somebody speaks on.
    private static byte[] SpokenFrames()
    {
        short[] speech = SpeechFile.Read("barge-in.wav");
        int begin = Array.FindIndex(speech, sample => Math.Abs((int)sample) > 1000);
        var encoder = AudioCodecs.Pcmu.CreateEncoder(new());
        short[] samples = [.. speech.Skip(begin).Where((_, i) => i % 3 == 0)];
        var bytes = new byte[samples.Length / FrameBytes * FrameBytes];
        for (int i = 0; i < bytes.Length; i += FrameBytes)
            encoder.Encode(samples.AsSpan(i, FrameBytes), bytes.AsSpan(i));
        return bytes;
    }
}

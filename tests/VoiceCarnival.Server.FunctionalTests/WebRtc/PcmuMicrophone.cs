using System.Diagnostics;
using VoiceCarnival.Audio.G711;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>Says a sentence into a call, then keeps quiet, at the pace of a microphone, and late rather than not at all; and listens.</summary>
internal sealed class PcmuMicrophone : IDisposable
{
    private const int FrameSamples = 160;
    private const int SilentFrames = 25;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static readonly short[] Sentence = At8k(SpeechFile.Read("hello.wav"));
    private readonly RtcPeer _peer;
    private int _loudest;
    private volatile bool _isOff;

    public PcmuMicrophone(RtcPeer peer)
    {
        _peer = peer;
        peer.OnRtp = Hear;
        new Thread(Run) { IsBackground = true, Name = "microphone" }.Start();
    }

    /// <summary>The loudest sample that came back.</summary>
    public int LoudestHeard => Volatile.Read(ref _loudest);

    public void Dispose() => _isOff = true;

    private void Run()
    {
        long began = Stopwatch.GetTimestamp();
        for (int frame = 0; !_isOff; frame++)
        {
            var early = (frame * Frame) - Stopwatch.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
                Thread.Sleep(early);
            Send(frame);
        }
    }

    private void Send(int frame)
    {
        Span<byte> payload = stackalloc byte[FrameSamples];
        for (int i = 0; i < FrameSamples; i++)
        {
            int at = ((frame - SilentFrames) * FrameSamples) + i;
            payload[i] = MuLaw.Encode(at >= 0 && at < Sentence.Length ? Sentence[at] : (short)0);
        }

        _peer.SendRtp(payload);
    }

    private void Hear(ReadOnlySpan<byte> packet)
    {
        if (RtpHeader.TryRead(packet, out var header) != RtpError.None)
            return;
        foreach (byte code in packet[header.Length..])
            _loudest = Math.Max(_loudest, Math.Abs((int)MuLaw.Decode(code)));
    }

    private static short[] At8k(short[] samples)
    {
        var resampler = new Resampler(24_000, 8_000);
        var output = new short[resampler.OutputLength(samples.Length)];
        return output[..resampler.Process(samples, output)];
    }
}

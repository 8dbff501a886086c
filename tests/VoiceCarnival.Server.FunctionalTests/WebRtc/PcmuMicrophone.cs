using VoiceCarnival.Audio.G711;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>Says a sentence into a call, then keeps quiet, at the pace of a microphone; and listens.</summary>
internal sealed class PcmuMicrophone : IDisposable
{
    private const int FrameSamples = 160;
    private const int SilentFrames = 25;
    private static readonly short[] Sentence = At8k(SpeechFile.Read("hello.wav"));
    private readonly RtcPeer _peer;
    private readonly Timer _timer;
    private int _frame;
    private int _loudest;

    public PcmuMicrophone(RtcPeer peer)
    {
        _peer = peer;
        peer.OnRtp = Hear;
        _timer = new Timer(_ => Send(), null, 0, 20);
    }

    /// <summary>The loudest sample that came back.</summary>
    public int LoudestHeard => Volatile.Read(ref _loudest);

    public void Dispose() => _timer.Dispose();

    private void Send()
    {
        int frame = _frame++;
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

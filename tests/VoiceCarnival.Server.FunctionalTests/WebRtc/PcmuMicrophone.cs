using VoiceCarnival.Audio.G711;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>Says a second of a voice into a call, then keeps quiet, at the pace of a microphone; and listens.</summary>
internal sealed class PcmuMicrophone : IDisposable
{
    private const int FrameSamples = 160;
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
            // A buzz with the harmonics and the slow beat of a voice.
            double t = (frame * FrameSamples + i) / 8000.0;
            double sample = frame is < 25 or > 100 ? 0
                : (Math.Sin(2 * Math.PI * 150 * t) + Math.Sin(2 * Math.PI * 450 * t) + 0.5 * Math.Sin(2 * Math.PI * 1350 * t)) * (0.6 + 0.4 * Math.Sin(2 * Math.PI * 4 * t)) * 7000;
            payload[i] = MuLaw.Encode((short)sample);
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
}

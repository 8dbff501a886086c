using System.Diagnostics;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>Counts what one call is sent: gaps in the sequence numbers, and the time from packet to packet.</summary>
internal sealed class Listener
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _gaps = [];
    private SequenceNumber _last;
    private long _lastAt;
    private bool _isListening;

    public Listener(RtcPeer peer)
    {
        Peer = peer;
        peer.OnRtp = Hear;
    }

    public RtcPeer Peer { get; }

    public long Received { get; private set; }

    public long Lost { get; private set; }

    public void Begin()
    {
        lock (_gate)
        {
            _isListening = true;
            _lastAt = 0;
        }
    }

    public void End(Histogram spacing)
    {
        lock (_gate)
        {
            _isListening = false;
            foreach (var gap in _gaps)
                spacing.Record(gap);
        }
    }

    private void Hear(ReadOnlySpan<byte> packet)
    {
        if (RtpHeader.TryRead(packet, out var header) != RtpError.None)
            return;
        lock (_gate)
        {
            if (!_isListening)
                return;
            long now = Stopwatch.GetTimestamp();
            if (_lastAt != 0)
            {
                _gaps.Add(Stopwatch.GetElapsedTime(_lastAt, now));
                Lost += Math.Max(0, _last.DistanceTo(header.Sequence) - 1);
            }

            Received++;
            _last = header.Sequence;
            _lastAt = now;
        }
    }
}

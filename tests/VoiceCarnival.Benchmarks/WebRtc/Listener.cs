using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>
/// Counts what one call is sent: gaps in the sequence numbers, and the time from packet to packet as it comes to this machine, so that late callers do not count. The peers'
/// thread steps back, for what is measured is a server whose callers have processors of their own.
/// </summary>
internal sealed class Listener
{
    private volatile Histogram? _spacing;
    private SequenceNumber _last;
    private TimeSpan _lastAt;

    public Listener(RtcPeer peer)
    {
        Peer = peer;
        peer.OnRtp = Hear;
    }

    public RtcPeer Peer { get; }

    public long Received { get; private set; }

    public long Lost { get; private set; }

    /// <summary>Begins to count, from the next packet on.</summary>
    public void Begin(Histogram spacing) => _spacing = spacing;

    // Packets come one at a time, on the thread of the peer's socket.
    private void Hear(ReadOnlySpan<byte> packet)
    {
        if (RtpHeader.TryRead(packet, out var header) != RtpError.None || _spacing is not { } spacing)
            return;
        var now = Peer.LastArrival;
        if (_lastAt != TimeSpan.Zero)
        {
            spacing.Record(now - _lastAt);
            Lost += Math.Max(0, _last.DistanceTo(header.Sequence) - 1);
        }

        Received++;
        _last = header.Sequence;
        _lastAt = now;
    }
}

using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>
/// Counts what arrives of one source: loss (RFC 3550, appendices A.1 and A.3) and jitter (A.8). Allocates nothing. A jump of the sequence numbers that
/// the next packet confirms is a restart of the sender: counting begins anew.
/// </summary>
/// <param name="source">Whose packets.</param>
/// <param name="clockRate">The payload's clock, in Hz.</param>
public sealed class ReceptionStatistics(Ssrc source, int clockRate)
{
    private const int MaxDropout = 3000;
    private const int MaxMisorder = 100;
    private const int NoSequence = -1;

    private bool _started;
    private long _first;
    private long _highest;
    private int _expectedAfterJump = NoSequence;
    private long _expectedAtReport;
    private long _receivedAtReport;
    private double _transit;
    private double _jitter;
    private uint _lastReport;
    private TimeSpan _lastReportArrival;

    /// <summary>Whose packets.</summary>
    public Ssrc Source { get; } = source;

    /// <summary>Packets that arrived, duplicates included.</summary>
    public long Received { get; private set; }

    /// <summary>Packets that did not arrive; negative when there were more duplicates than losses.</summary>
    public long Lost => _started ? _highest - _first + 1 - Received : 0;

    /// <summary>Mean deviation of the arrival times.</summary>
    public TimeSpan Jitter => TimeSpan.FromSeconds(_jitter / clockRate);

    /// <summary>Arrival of the last packet, by the caller's clock.</summary>
    public TimeSpan LastArrival { get; private set; }

    /// <summary>Counts a packet.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="now">When it arrived.</param>
    public void OnPacket(in RtpHeader header, TimeSpan now)
    {
        LastArrival = now;
        if (!_started)
        {
            Restart(header.Sequence);
        }
        else
        {
            int step = new SequenceNumber((ushort)_highest).DistanceTo(header.Sequence);
            if (step is <= -MaxMisorder or >= MaxDropout)
            {
                if (_expectedAfterJump != header.Sequence.Value)
                {
                    _expectedAfterJump = header.Sequence.Next.Value;
                    return;
                }

                Restart(header.Sequence);
            }
            else
            {
                _highest = Math.Max(_highest, _highest + step);
            }
        }

        bool first = Received == 0;
        Received++;
        _expectedAfterJump = NoSequence;
        UpdateJitter(header.Timestamp, now, first);
    }

    /// <summary>Notes a sender report of the source, so that it can work out the round trip from ours.</summary>
    public void OnSenderReport(NtpTimestamp time, TimeSpan now)
    {
        _lastReport = time.Middle;
        _lastReportArrival = now;
    }

    /// <summary>The report block of this moment. The fraction lost counts from the block before.</summary>
    public ReportBlock TakeReport(TimeSpan now)
    {
        long expected = _started ? _highest - _first + 1 : 0;
        long expectedSince = expected - _expectedAtReport;
        long lostSince = expectedSince - (Received - _receivedAtReport);
        _expectedAtReport = expected;
        _receivedAtReport = Received;
        byte fraction = expectedSince <= 0 || lostSince <= 0 ? (byte)0 : (byte)Math.Min(255, (lostSince << 8) / expectedSince);
        uint delay = _lastReport == 0 ? 0 : (uint)Math.Min(uint.MaxValue, (now - _lastReportArrival).TotalSeconds * 65_536);
        return new ReportBlock(Source, fraction, (int)Math.Clamp(Lost, int.MinValue, int.MaxValue), (uint)_highest, (uint)_jitter, _lastReport, delay);
    }

    private void Restart(SequenceNumber sequence)
    {
        _started = true;
        _first = _highest = sequence.Value;
        Received = 0;
        _expectedAtReport = 0;
        _receivedAtReport = 0;
        _jitter = 0;
    }

    private void UpdateJitter(uint timestamp, TimeSpan now, bool first)
    {
        // Transit has an arbitrary offset, and the timestamp wraps: only its change counts, taken modulo 2^32.
        double transit = now.TotalSeconds * clockRate - timestamp;
        double change = Math.IEEERemainder(transit - _transit, 4_294_967_296.0);
        _transit = transit;
        // Two packets in a second of silence differ by the pause in both clocks, so silence adds no jitter; a new timestamp base does, and is left out.
        if (!first && Math.Abs(change) < clockRate)
            _jitter += (Math.Abs(change) - _jitter) / 16;
    }
}

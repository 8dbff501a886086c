using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>The RTCP of one call (RFC 3550, section 6): what was sent and received, and the reports on it in both directions. Any thread may call.</summary>
internal sealed class RtpReports(AudioCallOptions options, IRtpLine line, TimeSpan now, DateTimeOffset wallClock)
{
    private const int MaxLength = 400;
    private readonly Lock _gate = new();
    private readonly RtcpSession _rtcp = new(options.Ssrc, new RtcpOptions { Cname = options.Cname, ClockRate = options.Codec.ClockRate, Seed = options.Ssrc.Value }, now, wallClock);
    private ReportBlock? _seen;

    /// <summary>What was received so far; null before the first packet.</summary>
    public ReceptionStatistics? Reception
    {
        get
        {
            lock (_gate)
                return _rtcp.Reception;
        }
    }

    /// <summary>There and back, by the far side's last report.</summary>
    public TimeSpan? RoundTrip
    {
        get
        {
            lock (_gate)
                return _rtcp.RoundTrip;
        }
    }

    /// <summary>What the far side said last about what we send.</summary>
    public ReportBlock? RemoteReport
    {
        get
        {
            lock (_gate)
                return _rtcp.RemoteReport;
        }
    }

    /// <summary>An RTP packet left.</summary>
    public void OnSent(in RtpHeader header, int payloadLength, TimeSpan at)
    {
        lock (_gate)
            _rtcp.OnSent(header, payloadLength, at);
    }

    /// <summary>An RTP packet came.</summary>
    public void OnReceived(in RtpHeader header, TimeSpan at)
    {
        lock (_gate)
            _rtcp.OnReceived(header, at);
    }

    /// <summary>A compound RTCP packet came.</summary>
    public void Receive(ReadOnlySpan<byte> packet, TimeSpan at)
    {
        lock (_gate)
            _rtcp.Receive(packet, at);
    }

    /// <summary>Sends a report when one is due. From one thread at a time.</summary>
    /// <returns>The share of our packets that the far side misses, when it has said so anew; else null.</returns>
    public double? Send(TimeSpan at)
    {
        Span<byte> buffer = stackalloc byte[MaxLength + IRtpLine.Spare];
        int length = 0;
        ReportBlock? report;
        lock (_gate)
        {
            report = _rtcp.RemoteReport;
            if (at >= _rtcp.NextDeadline)
                _rtcp.TryTakeReport(at, buffer[..MaxLength], out length);
        }

        if (length > 0)
            line.SendRtcp(buffer, length);
        if (report is not { } seen || report == _seen)
            return null;
        _seen = report;
        return seen.FractionLost / 256.0;
    }

    /// <summary>Sends the last report, which says goodbye (section 6.6).</summary>
    public void SayGoodbye(TimeSpan at)
    {
        Span<byte> buffer = stackalloc byte[MaxLength + IRtpLine.Spare];
        int length;
        lock (_gate)
            _rtcp.TryWriteGoodbye(at, buffer[..MaxLength], out length);
        if (length > 0)
            line.SendRtcp(buffer, length);
    }
}

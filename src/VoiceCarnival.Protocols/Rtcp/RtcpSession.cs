using System.Text;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>
/// The reports of one local stream and of what its peer sends (RFC 3550, section 6), for two parties. Plain RTCP: protection is the caller's. Per RTP packet it
/// only counts and allocates nothing. Not thread-safe.
/// </summary>
public sealed class RtcpSession
{
    private const int MaxSources = 4;
    private readonly RtcpOptions _options;
    private readonly byte[] _cname;
    private readonly TimeSpan _start;
    private readonly DateTimeOffset _wallClockAtStart;
    private readonly List<ReceptionStatistics> _sources = new(MaxSources);
    private ulong _random;
    private uint _packets;
    private uint _octets;
    private uint _packetsAtReport;
    private uint _lastTimestamp;
    private TimeSpan _lastSent;

    /// <summary>Begins to count.</summary>
    /// <param name="local">Our source.</param>
    /// <param name="options">How to report.</param>
    /// <param name="now">The caller's clock, of which all later times are.</param>
    /// <param name="wallClock">The same moment by the wall clock.</param>
    public RtcpSession(Ssrc local, RtcpOptions options, TimeSpan now, DateTimeOffset wallClock)
    {
        Local = local;
        _options = options;
        _cname = Encoding.ASCII.GetBytes(options.Cname);
        if (_cname.Length > 255)
            throw new ArgumentException("A canonical name has up to 255 characters.", nameof(options));
        _start = now;
        _wallClockAtStart = wallClock;
        _random = options.Seed;
        // The first report goes out early (section 6.2: half the interval).
        NextDeadline = now + Draw() / 2;
    }

    /// <summary>Our source.</summary>
    public Ssrc Local { get; }

    /// <summary>When <see cref="TryTakeReport"/> has the next report.</summary>
    public TimeSpan NextDeadline { get; private set; }

    /// <summary>To the peer and back, as of its last report; null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>How the peer receives us, as of its last report.</summary>
    public ReportBlock? RemoteReport { get; private set; }

    /// <summary>How we receive the source heard last; null before the first packet.</summary>
    public ReceptionStatistics? Reception { get; private set; }

    /// <summary>Set when the peer said goodbye.</summary>
    public bool HasPeerLeft { get; private set; }

    /// <summary>Counts a packet of ours.</summary>
    public void OnSent(in RtpHeader header, int payloadLength, TimeSpan now)
    {
        _packets++;
        _octets += (uint)payloadLength;
        _lastTimestamp = header.Timestamp;
        _lastSent = now;
    }

    /// <summary>Counts a packet of the peer's.</summary>
    public void OnReceived(in RtpHeader header, TimeSpan now)
    {
        if (Reception?.Source != header.Ssrc)
            Reception = StatisticsOf(header.Ssrc);
        Reception.OnPacket(header, now);
    }

    /// <summary>Reads a compound packet of the peer's. Feedback and other types it does not know are skipped.</summary>
    public RtcpError Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        var error = RtcpCompound.TryRead(bytes, out var compound);
        if (error != RtcpError.None)
            return error;
        foreach (var packet in compound)
        {
            if (RtcpReport.TryRead(packet, out var report))
                Receive(report, now);
            else if (packet.Type == RtcpPacketType.Goodbye && Reception is { } reception && SaysGoodbye(packet, reception.Source))
                HasPeerLeft = true;
        }

        return RtcpError.None;
    }

    /// <summary>Writes the report that is due.</summary>
    /// <returns>False when none is due yet or the buffer is too small; 400 bytes are always enough.</returns>
    public bool TryTakeReport(TimeSpan now, Span<byte> buffer, out int length)
    {
        length = 0;
        if (now < NextDeadline)
            return false;
        var writer = new RtcpWriter(buffer);
        if (!TryWriteReport(ref writer, now))
            return false;
        NextDeadline = now + Draw();
        length = writer.Length;
        return true;
    }

    /// <summary>Writes the last report: a goodbye.</summary>
    /// <returns>False when the buffer is too small.</returns>
    public bool TryWriteGoodbye(TimeSpan now, Span<byte> buffer, out int length)
    {
        var writer = new RtcpWriter(buffer);
        bool written = TryWriteReport(ref writer, now) && writer.TryAddGoodbye(Local);
        length = written ? writer.Length : 0;
        return written;
    }

    private static bool SaysGoodbye(RtcpPacket packet, Ssrc source)
    {
        for (int i = 0; packet.GoodbyeSource(i) is { } leaving; i++)
        {
            if (leaving == source)
                return true;
        }

        return false;
    }

    private void Receive(in RtcpReport report, TimeSpan now)
    {
        if (report.Sender is { } sender && FindStatistics(report.Source) is { } statistics)
            statistics.OnSenderReport(sender.Time, now);
        for (int i = 0; i < report.Count; i++)
        {
            var block = report[i];
            if (block.Source != Local)
                continue;
            RemoteReport = block;
            // Section 6.4.1: what is left of the time since our report when the peer's own delay is taken off. Nonsense gives a negative or huge rest.
            int units = (int)(NtpAt(now).Middle - block.LastReport - block.DelaySinceLastReport);
            if (block.LastReport != 0 && units is >= 0 and < 60 << 16)
                RoundTrip = TimeSpan.FromSeconds(units / 65_536.0);
        }
    }

    private bool TryWriteReport(ref RtcpWriter writer, TimeSpan now)
    {
        SenderInfo? sender = null;
        // Section 6.4: who has sent nothing since the last report sends a receiver report.
        if (_packets != _packetsAtReport)
        {
            uint elapsed = (uint)Math.Max(0, (now - _lastSent).TotalSeconds * _options.ClockRate);
            sender = new SenderInfo(NtpAt(now), _lastTimestamp + elapsed, _packets, _octets);
        }

        Span<ReportBlock> blocks = stackalloc ReportBlock[MaxSources];
        int count = 0;
        foreach (var source in _sources)
        {
            if (now - source.LastArrival < 5 * _options.Interval)
                blocks[count++] = source.TakeReport(now);
        }

        if (!writer.TryAddReport(Local, sender, blocks[..count]) || !writer.TryAddCname(Local, _cname))
            return false;
        _packetsAtReport = _packets;
        return true;
    }

    private ReceptionStatistics? FindStatistics(Ssrc source)
    {
        foreach (var known in _sources)
        {
            if (known.Source == source)
                return known;
        }

        return null;
    }

    private ReceptionStatistics StatisticsOf(Ssrc source)
    {
        if (FindStatistics(source) is { } known)
            return known;
        if (_sources.Count == MaxSources)
            _sources.Remove(_sources.MinBy(s => s.LastArrival)!);
        var statistics = new ReceptionStatistics(source, _options.ClockRate);
        _sources.Add(statistics);
        return statistics;
    }

    private NtpTimestamp NtpAt(TimeSpan now) => NtpTimestamp.From(_wallClockAtStart + (now - _start));

    /// <summary>From half to one and a half intervals, by splitmix64.</summary>
    private TimeSpan Draw()
    {
        ulong z = _random += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return _options.Interval * (0.5 + (z >> 11) * (1.0 / (1UL << 53)));
    }
}

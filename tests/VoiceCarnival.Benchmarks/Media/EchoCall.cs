using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Benchmarks.Media;

/// <summary>A call whose far side is this program: it sends a recording, packet by packet, and times what comes back.</summary>
internal sealed class EchoCall : IRtpLine
{
    private readonly AudioCallOptions _options;
    private readonly MediaClock _clock;
    private readonly MediaTotals _totals;
    private readonly byte[][] _recording;
    private readonly byte[] _packet = new byte[1500];
    private TimeSpan? _last;
    private int _next;

    public EchoCall(RtpMedia media, VoiceSession session, AudioCodec codec, byte[][] recording, MediaTotals totals, int number)
    {
        (_clock, _recording, _totals) = (media.Clock, recording, totals);
        _options = new AudioCallOptions
        {
            Codec = codec,
            PayloadType = new PayloadType(codec.PayloadType ?? 111),
            Ssrc = new Ssrc((uint)number + 1),
            Cname = "benchmark",
        };
        Connection = media.Connect("benchmark", session, _options, this);
        session.Start(Connection);
        Connection.Begin();
    }

    public RtpConnection Connection { get; }

    public bool UnderstandsExtensions => false;

    /// <summary>Sends the next packet.</summary>
    public void SendNext()
    {
        byte[] payload = _recording[_next % _recording.Length];
        new RtpHeader
        {
            PayloadType = _options.PayloadType,
            Sequence = new SequenceNumber((ushort)_next),
            Timestamp = (uint)(_next * _options.Codec.ClockUnitsOf(_options.Codec.SamplesOf(20))),
            Ssrc = new Ssrc(7),
        }.Write(_packet);
        payload.CopyTo(_packet.AsSpan(RtpHeader.FixedLength));
        _next++;
        Connection.ReceiveRtp(_packet.AsSpan(0, RtpHeader.FixedLength + payload.Length));
    }

    public void SendRtp(Span<byte> buffer, int length)
    {
        var now = _clock.Now;
        if (_totals.Counts && _last is { } last)
            _totals.Interval.Record(now - last);
        _last = now;
        if (_totals.Counts)
            Interlocked.Increment(ref _totals.Sent);
    }

    public void SendRtcp(Span<byte> buffer, int length)
    {
    }

    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json) => true;

    public void Close(SessionTermination termination)
    {
    }
}

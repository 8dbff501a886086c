using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.JitterBuffer;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// The caller's voice: RTP packets and time in, audio in the session's input format out, as soon as it is in order. What is lost is recovered or concealed; what a
/// sender leaves out, because it is silent, has stopped or is gone, is silence by the clock, so that turns end. Sans-IO; not thread-safe.
/// </summary>
internal sealed class InboundAudio : IDisposable
{
    private const int MaxConcealedFrames = 5;
    private const double QuietDbfs = -50;
    // How much longer than a packet may be late nothing has to come before it counts as silence.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestFill = TimeSpan.FromMilliseconds(500);
    private readonly AudioCallOptions _options;
    private readonly TimeSpan _silenceLimit;
    private readonly InputWriter _output;
    private readonly Action<char, bool> _onDigit;
    private readonly ReorderBuffer _order;
    private readonly DigitReceiver _digits = new();
    private readonly ComfortNoise _noise = new();
    private readonly Dictionary<byte, InboundCodec> _codecs = [];
    private readonly short[] _samples;
    private InboundCodec _codec;
    private Ssrc? _source;
    private Ssrc? _candidate;
    private bool _hasMedia;
    private bool _hasNoise;
    private uint _mediaEnd;
    private TimeSpan _lastArrival;
    private TimeSpan _heardUntil;
    private TimeSpan _credit = LongestFill;
    private TimeSpan _creditAt;
    private TimeSpan _filled;
    private TimeSpan _ahead;
    private int _frameSamples;
    private int _lostInARow;

    /// <summary>Nothing heard yet.</summary>
    /// <param name="options">What was agreed on.</param>
    /// <param name="media">The operator's settings.</param>
    /// <param name="output">Where the audio goes.</param>
    /// <param name="onDigit">A key was pressed, or is still held: then false.</param>
    public InboundAudio(AudioCallOptions options, RtpMediaOptions media, InputWriter output, Action<char, bool> onDigit)
    {
        (_options, _output, _onDigit) = (options, output, onDigit);
        _silenceLimit = TimeSpan.FromSeconds(media.SilenceSeconds);
        _order = new ReorderBuffer(new ReorderOptions { ClockRate = options.Codec.ClockRate, MaxWait = TimeSpan.FromMilliseconds(media.MaxReorderMs) });
        _codec = _codecs[options.PayloadType.Value] = new InboundCodec(options.Codec);
        foreach (var (type, codec) in options.AlsoReceived)
            _codecs.TryAdd(type.Value, new InboundCodec(codec));
        _samples = new short[_codecs.Values.Max(codec => codec.Codec.SamplesOf(AudioDecoder.MaxPacketMilliseconds))];
        _frameSamples = _codec.Codec.SamplesOf(20);
    }

    /// <summary>Audio that was lost and made up.</summary>
    public TimeSpan Concealed { get; private set; }

    /// <summary>Silence put in by the clock.</summary>
    public TimeSpan Silence { get; private set; }

    /// <summary>Packets of a source or a type that was not agreed on, or that could not be decoded.</summary>
    public long Refused { get; private set; }

    /// <summary>Takes a packet.</summary>
    /// <returns>Whether it belongs to the call.</returns>
    public bool Receive(in RtpPacket packet, TimeSpan now)
    {
        var header = packet.Header;
        byte type = header.PayloadType.Value;
        bool isNoise = header.PayloadType == _options.ComfortNoise;
        bool isKey = !isNoise && _options.Keys.Contains(header.PayloadType);
        if ((!isNoise && !isKey && !_codecs.ContainsKey(type)) || !IsFromSource(header.Ssrc))
        {
            Refused++;
            return false;
        }

        if (packet.Payload.IsEmpty)
            return true; // a keep-alive; it has a number, so it must not count as lost either, but nobody sends them in a stream
        _lastArrival = now;
        _order.Add(header.Sequence.Value, header.Timestamp, type, !isKey, packet.Payload, now);
        TakeAll(now);
        return true;
    }

    /// <summary>Gives up what has been waited for too long, and fills what nothing comes for.</summary>
    public void Advance(TimeSpan now)
    {
        TakeAll(now);
        if (!_hasMedia || now - _lastArrival > _silenceLimit)
            return;
        var owed = now - _heardUntil - _filled;
        if (_filled == TimeSpan.Zero && owed < _order.Wait + Patience)
            return;
        // When the process slept, not all of it.
        owed = owed > LongestFill ? LongestFill : owed;
        for (; owed >= MediaClock.Frame; owed -= MediaClock.Frame)
            Fill(_filled < 3 * MediaClock.Frame && !_hasNoise);
    }

    public void Dispose()
    {
        foreach (var codec in _codecs.Values)
            codec.Dispose();
    }

    private void TakeAll(TimeSpan now)
    {
        while (_order.TryTake(now, out var packet))
        {
            if (packet.IsLost)
                Conceal(packet, now);
            else if (_options.Keys.Contains(new PayloadType(packet.PayloadType)))
                Press(packet);
            else if (_options.ComfortNoise?.Value == packet.PayloadType)
                Describe(packet, now);
            else
                Decode(packet, now);
        }
    }

    // One packet of another source may be a stray; two are a source that has changed (RFC 3550, section 8.2).
    private bool IsFromSource(Ssrc ssrc)
    {
        if (_source == ssrc)
        {
            _candidate = null;
            return true;
        }

        if (_source is not null && _candidate != ssrc)
        {
            _candidate = ssrc;
            return false;
        }

        if (_source is not null)
        {
            _order.Reset();
            _digits.Reset();
        }

        (_source, _candidate) = (ssrc, null);
        _hasMedia = false;
        _filled = TimeSpan.Zero;
        return true;
    }

    private void Press(in OrderedPacket packet)
    {
        bool isNew = _digits.Receive(packet.Timestamp, packet.Payload.Span) is not null;
        if (_digits.Held is { } digit)
            _onDigit(digit, isNew);
    }

    private void Describe(in OrderedPacket packet, TimeSpan now)
    {
        _noise.Update(packet.Payload.Span);
        _hasNoise = true;
        if (!_hasMedia)
            Begin(packet.Timestamp);
        if (_filled == TimeSpan.Zero)
            _heardUntil = now;
    }

    private void Decode(in OrderedPacket packet, TimeSpan now)
    {
        var codec = _codecs[packet.PayloadType];
        int count = codec.Decoder.SamplesIn(packet.Payload.Span);
        if (count == 0)
        {
            Refused++;
            return;
        }

        if (!ReferenceEquals(codec, _codec))
        {
            _codec = codec;
            _hasMedia = false; // another clock
        }

        if (!_hasMedia)
            Begin(packet.Timestamp);
        Close((int)(packet.Timestamp - _mediaEnd), now);
        count = codec.Decoder.Decode(packet.Payload.Span, _samples);
        if (count == 0)
        {
            Refused++;
            return;
        }

        _hasNoise = false;
        _lostInARow = 0;
        _frameSamples = count;
        _mediaEnd = packet.Timestamp + (uint)codec.Codec.ClockUnitsOf(count);
        var samples = _samples.AsSpan(0, count);
        var length = LengthOf(count);
        _heardUntil = now + length;
        // What the clock put in and the sender did not leave out is taken back where it is not heard.
        if (_ahead >= length && PcmLevel.RmsDbfs(samples) < QuietDbfs)
        {
            _ahead -= length;
            return;
        }

        _output.Write(codec, samples, packet.Payload.Span);
    }

    private void Begin(uint timestamp)
    {
        _hasMedia = true;
        _mediaEnd = timestamp;
        _filled = TimeSpan.Zero;
    }

    /// <summary>Makes up for the time that the sender left out before a packet, as far as the clock has not done so.</summary>
    private void Close(int units, TimeSpan now)
    {
        var gap = TimeSpan.FromSeconds((double)units / _codec.Codec.ClockRate);
        if (gap < -LongestGap || gap > LongestGap)
            gap = _filled; // the timestamps have jumped: they say nothing
        var owed = gap - _filled;
        _filled = TimeSpan.Zero;
        if (owed <= TimeSpan.Zero)
        {
            _ahead += -owed < LongestGap ? -owed : LongestGap;
            return;
        }

        // No more of it than time has passed, so that invented timestamps cannot make hours of it; and no more than a moment, since the clock has filled what was longer,
        // unless we were held up: then silence that is made up for would hold us up further.
        _credit += now - _creditAt;
        _credit = _credit > LongestFill ? LongestFill : _credit;
        _creditAt = now;
        for (; owed >= MediaClock.Frame / 2 && _credit > TimeSpan.Zero; owed -= MediaClock.Frame)
        {
            _credit -= MediaClock.Frame;
            WriteSilence();
        }
    }

    private void Conceal(in OrderedPacket packet, TimeSpan now)
    {
        if (!_hasMedia)
            return;
        int missing = _frameSamples;
        bool isKnown = !packet.Payload.IsEmpty && _codecs.TryGetValue(packet.PayloadType, out var following) && ReferenceEquals(following, _codec);
        if (isKnown)
        {
            // The timestamps tell how much is missing; nothing, when it was a key press.
            long samples = _codec.Codec.SamplesOfClockUnits((int)(packet.Timestamp - _mediaEnd));
            if (samples <= 0)
                return;
            missing = (int)Math.Min(samples, _frameSamples);
        }

        _mediaEnd += (uint)_codec.Codec.ClockUnitsOf(missing);
        // The clock may have filled this place already.
        var length = LengthOf(missing);
        if (_filled >= length)
        {
            _filled -= length;
            return;
        }

        _heardUntil = now + length;
        var gap = _samples.AsSpan(0, missing);
        if (++_lostInARow > MaxConcealedFrames)
            gap.Clear();
        else if (isKnown)
            _codec.Decoder.Recover(packet.Payload.Span, gap);
        else
            _codec.Decoder.Conceal(gap);
        Concealed += length;
        _output.Write(_codec, gap, default);
    }

    private void Fill(bool conceal)
    {
        _filled += MediaClock.Frame;
        if (!conceal)
        {
            WriteSilence();
            return;
        }

        var samples = _samples.AsSpan(0, _codec.Codec.SamplesOf(20));
        _codec.Decoder.Conceal(samples);
        Concealed += MediaClock.Frame;
        _output.Write(_codec, samples, default);
    }

    private void WriteSilence()
    {
        var samples = _samples.AsSpan(0, _codec.Codec.SamplesOf(20));
        if (_hasNoise)
            _noise.Fill(samples);
        else
            samples.Clear();
        Silence += MediaClock.Frame;
        _output.Write(_codec, samples, default);
    }

    private TimeSpan LengthOf(int samples) => TimeSpan.FromTicks(samples * TimeSpan.TicksPerSecond / _codec.Codec.SampleRate);
}

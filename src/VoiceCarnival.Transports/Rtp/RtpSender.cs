using System.Buffers;
using System.Buffers.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// One call's way out: what the engine says waits in a queue, and each tick of the clock's takes 20 ms of it and sends them. The engine's thread and the clock's meet at the queue,
/// whose lock is the innermost; the rest is the clock's.
/// </summary>
internal sealed class RtpSender : IDisposable
{
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly Lock _sending = new();
    private readonly VoiceSession _session;
    private readonly AudioCallOptions _options;
    private readonly IRtpLine _line;
    private readonly RtpReports _reports;
    private readonly PlayQueue _queue;
    private readonly OutboundStream _outbound;
    private readonly DigitSender? _digits;
    private readonly List<PlayoutNotice> _notices = [];
    private readonly short[] _frame;
    private readonly byte[] _packet = new byte[OutboundStream.MaxPacketLength];
    private readonly int _mostQueued;
    private TimeSpan? _due;
    private SessionTermination? _farewell;
    private TimeSpan _farewellUntil;
    private bool _holdsEngine;
    private volatile bool _isClosed;
    private volatile bool _isStopped;

    public RtpSender(VoiceSession session, AudioCallOptions options, RtpMediaOptions media, IRtpLine line, RtpReports reports)
    {
        (_session, _options, _line, _reports) = (session, options, line, reports);
        var codec = options.Codec;
        _queue = new PlayQueue(codec.SampleRate);
        _outbound = new OutboundStream(options, codec.CreateEncoder(media.Opus));
        _digits = options.SentKeys is { } keys ? new DigitSender(keys.PayloadType, keys.ClockRate) : null;
        _frame = new short[codec.SamplesOf((int)MediaClock.Frame.TotalMilliseconds)];
        _mostQueued = media.MaxQueuedSeconds * codec.SampleRate;
    }

    /// <summary>Packets that were sent.</summary>
    public long Packets => _outbound.Packets;

    /// <summary>How much waits.</summary>
    public TimeSpan Queued
    {
        get
        {
            lock (_gate)
                return _queue.Length;
        }
    }

    /// <summary>More waits than should; the engine is told when that is over.</summary>
    public bool HoldsEngine
    {
        get
        {
            lock (_gate)
                return _holdsEngine;
        }
    }

    /// <summary>Queues sound of the engine's.</summary>
    /// <returns>False when more waits than should.</returns>
    public bool Play(in EngineAudio audio)
    {
        if (!_options.Sends || _isClosed)
            return true;
        if (!audio.Payload.IsEmpty)
            return Play(audio, audio.Payload);
        var base64 = audio.Base64;
        if (base64.IsEmpty && AudioDeltaFields.TryRead(audio.Event, out var fields))
            base64 = fields.Base64;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        Base64.DecodeFromUtf8(base64, bytes, out _, out int length);
        bool room = Play(audio, bytes.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(bytes);
        return room;
    }

    /// <summary>Cuts off what is being played, and drops what waits.</summary>
    public void Cut()
    {
        lock (_gate)
            _queue.Cut();
    }

    /// <summary>Whether what was queued waits in place of being played.</summary>
    public void Hold(bool isHeld)
    {
        lock (_gate)
            _queue.IsHeld = isHeld;
    }

    /// <summary>Hands over what was not played.</summary>
    public void TakeUnplayed(EngineAudioSink sink)
    {
        lock (_gate)
            _queue.TakeAll(sink);
    }

    /// <summary>An item is complete.</summary>
    public void ItemDone(string itemId)
    {
        lock (_gate)
            _queue.ItemDone(itemId);
    }

    /// <summary>A response is complete.</summary>
    public void ResponseDone(string responseId)
    {
        lock (_gate)
            _queue.ResponseDone(responseId);
    }

    /// <summary>A response has begun that is not for the caller.</summary>
    public void OutOfBandResponse(string responseId)
    {
        lock (_gate)
            _queue.OutOfBandResponse(responseId);
    }

    /// <summary>Presses keys, one after the other, while audio pauses.</summary>
    /// <returns>False when the peer takes none, a character is no key, or too many wait.</returns>
    public bool SendDigits(string digits)
    {
        lock (_gate)
            return _digits?.TryAdd(digits) == true;
    }

    /// <summary>Takes no more.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Takes no more, and plays what waits; the tick that is done with it, or comes after a time, gives the termination back.</summary>
    /// <returns>False when nothing waits, or may be played.</returns>
    public bool TryFinish(SessionTermination termination, TimeSpan until)
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_queue.IsEmpty || _queue.IsHeld)
                return false;
            (_farewell, _farewellUntil) = (termination, until);
            return true;
        }
    }

    /// <summary>Sends nothing any more, in the midst of a tick neither.</summary>
    public void Stop() => _isStopped = _isClosed = true;

    /// <summary>Sends the frames that are due.</summary>
    /// <returns>The termination of <see cref="TryFinish"/> once all was played; else null.</returns>
    public SessionTermination? Tick(TimeSpan due, TimeSpan now)
    {
        lock (_sending)
        {
            if (_isStopped)
                return null;
            _due ??= due;
            // Held up for longer, the rest is a gap; as a burst it would only make the far side's buffer deeper.
            if (due - _due > LongestCatchUp)
            {
                int missed = (int)((due - _due.Value - LongestCatchUp) / MediaClock.Frame);
                _outbound.Skip(missed);
                _due += missed * MediaClock.Frame;
            }

            for (; _due <= due && !_isStopped; _due += MediaClock.Frame)
            {
                if (SendFrame(now) is { } finished)
                    return finished;
            }

            if (_reports.Send(now) is { } loss)
                _outbound.ExpectLoss(loss);
            return null;
        }
    }

    public void Dispose()
    {
        lock (_sending)
            _outbound.Dispose();
    }

    private bool Play(in EngineAudio audio, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _queue.Add(audio.Item, audio.SampleOffset, bytes);
            _holdsEngine |= _queue.Count > _mostQueued;
            return !_holdsEngine;
        }
    }

    private SessionTermination? SendFrame(TimeSpan now)
    {
        bool isTalking;
        bool hasRoom = false;
        bool isDigit = false;
        RtpHeader header = default;
        int length = 0;
        SessionTermination? finished = null;
        lock (_gate)
        {
            if (_digits?.IsBusy == true)
            {
                length = _digits.Next(_outbound, _packet, out header);
                isDigit = true;
                isTalking = false;
            }
            else
            {
                isTalking = _queue.Take(_frame, _notices);
            }

            if (_holdsEngine && _queue.Count <= _mostQueued / 2)
            {
                _holdsEngine = false;
                hasRoom = true;
            }

            if (_farewell is not null && (_queue.IsEmpty || now > _farewellUntil))
                finished = _farewell;
        }

        if (!isDigit && _options.Sends)
            length = _outbound.Write(_frame, isTalking, _packet, out header);
        else
            _outbound.Skip(1);
        if (length > 0)
        {
            _reports.OnSent(header, length - RtpHeader.FixedLength, now);
            _line.SendRtp(_packet, length);
        }

        Tell();
        if (hasRoom)
            _session.ResumeOutput();
        return finished;
    }

    private void Tell()
    {
        foreach (var notice in _notices)
        {
            if (notice.Kind == PlayoutNoticeKind.Truncated)
            {
                if (!_isClosed)
                    _session.Truncate(notice.Item!, notice.HeardMilliseconds);
            }
            else
            {
                var (type, json) = PlayoutEvents.Of(notice);
                _session.Announce(type, json);
            }
        }

        _notices.Clear();
    }
}

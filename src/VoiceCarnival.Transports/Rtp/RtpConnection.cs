using System.Buffers;
using System.Buffers.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// One caller's audio call as a session sees it: plays the engine's audio as RTP at the pace of the clock, keeps the account of what was heard, cuts it off when the
/// caller speaks, and brings the caller's audio to the engine. Packets go in and out through an <see cref="IRtpLine"/>.
/// </summary>
/// <remarks>
/// What is sent is the work of one thread of the <see cref="MediaClock"/>, what came that of another; neither holds a lock that others wait for while it calls session or line.
/// What the engine says comes from its own thread under the session's lock; they meet at the play queue, whose lock is the innermost.
/// </remarks>
public sealed class RtpConnection : VoiceConnection, IMediaTask, IDisposable
{
    private const int ReportLength = 400;
    private const int LongestPacket = 2048;
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly Lock _reports = new();
    private readonly Lock _sending = new();
    private readonly string _transport;
    private readonly VoiceSession _session;
    private readonly AudioCallOptions _options;
    private readonly IRtpLine _line;
    private readonly RtpMedia _media;
    private readonly MediaClock _clock;
    private readonly PacketInbox _inbox = new();
    private readonly PlayQueue _queue;
    private readonly OutboundStream _outbound;
    private readonly InboundAudio _inbound;
    private readonly InputWriter _input;
    private readonly RtcpSession _rtcp;
    private readonly DigitSender? _digits;
    private readonly KeySources _keys = new();
    private readonly List<PlayoutNotice> _notices = [];
    private readonly short[] _frame;
    private readonly byte[] _packet = new byte[OutboundStream.MaxPacketLength];
    private readonly int _mostQueued;
    private IMediaPlace? _place;
    private TimeSpan? _due;
    private ReportBlock? _seenReport;
    private SessionTermination? _farewell;
    private TimeSpan _farewellUntil;
    private int _woken;
    private int _hasFailed;
    private bool _interrupts = true;
    private bool _holdsEngine;
    private volatile bool _hasBegun;
    private volatile bool _isClosed;
    private volatile bool _isStopped;

    internal RtpConnection(string transport, VoiceSession session, AudioCallOptions options, IRtpLine line, RtpMedia media)
    {
        (_transport, _session, _options, _line, _media, _clock) = (transport, session, options, line, media, media.Clock);
        var codec = options.Codec;
        _queue = new PlayQueue(codec.SampleRate);
        _outbound = new OutboundStream(options, codec.CreateEncoder(media.Options.Opus));
        _input = new InputWriter(audio => _session.ReceiveAudioAsync(audio, CancellationToken.None));
        _inbound = new InboundAudio(options, media.Options, _input, OnDigit);
        _digits = options.SentKeys is { } keys ? new DigitSender(keys.PayloadType, keys.ClockRate) : null;
        _frame = new short[codec.SamplesOf((int)MediaClock.Frame.TotalMilliseconds)];
        _mostQueued = media.Options.MaxQueuedSeconds * codec.SampleRate;
        _rtcp = new RtcpSession(options.Ssrc, new RtcpOptions { Cname = options.Cname, ClockRate = codec.ClockRate, Seed = options.Ssrc.Value }, _clock.Now, media.Time.GetUtcNow());
    }

    /// <inheritdoc/>
    public override string Transport => _transport;

    /// <inheritdoc/>
    public override bool UnderstandsExtensions => _line.UnderstandsExtensions;

    /// <inheritdoc/>
    public override MediaStatistics Media
    {
        get
        {
            double queued;
            lock (_gate)
                queued = _queue.Length.TotalMilliseconds;
            lock (_reports)
            {
                var reception = _rtcp.Reception;
                return new MediaStatistics(
                    _options.Codec.Name, reception?.Received ?? 0, reception?.Lost ?? 0, _outbound.Packets, Math.Round(reception?.Jitter.TotalMilliseconds ?? 0, 2),
                    _rtcp.RoundTrip?.TotalMilliseconds, _rtcp.RemoteReport?.FractionLost * 100.0 / 256, (long)_inbound.Concealed.TotalMilliseconds,
                    (long)_inbound.Silence.TotalMilliseconds, (long)queued);
            }
        }
    }

    /// <summary>Packets may travel: from now on one leaves every 20 ms, and what comes is taken.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_hasBegun || _isStopped)
                return;
            _hasBegun = true;
            _place = _clock.Add(this);
        }
    }

    /// <summary>Takes a received RTP packet, no longer encrypted; copies it and returns at once. Never throws, whatever the bytes.</summary>
    public void ReceiveRtp(ReadOnlySpan<byte> packet) => Receive(packet, isRtcp: false);

    /// <summary>Takes a received compound RTCP packet, as <see cref="ReceiveRtp"/> does.</summary>
    public void ReceiveRtcp(ReadOnlySpan<byte> packet) => Receive(packet, isRtcp: true);

    /// <summary>The line has room for events again.</summary>
    public void EventsHaveRoom() => _session.ResumeOutput();

    /// <summary>Presses keys for the caller's side to hear (RFC 4733), one after the other, while audio pauses.</summary>
    /// <returns>False when the peer takes none, a character is no key, or too many wait.</returns>
    public bool SendDigits(string digits)
    {
        lock (_gate)
            return _digits?.TryAdd(digits) == true;
    }

    /// <summary>A key of the caller's that came beside the audio (SIP INFO). Told once, even when it comes as RTP as well.</summary>
    public void PressKey(char digit)
    {
        if (_keys.TakeBeside(digit, _clock.Now))
            Announce(digit);
    }

    /// <summary>Whether what the engine says waits in place of being played, as while a phone rings; what the caller's side says is heard all the same.</summary>
    public void HoldPlayout(bool isHeld)
    {
        lock (_gate)
            _queue.IsHeld = isHeld;
    }

    /// <summary>Goes on where another connection of the same session stops: <c>session.created</c> was told to that one only.</summary>
    public void TakeOver(RtpConnection former) => (_input.Format, _interrupts) = (former._input.Format, former._interrupts);

    /// <summary>
    /// The line is gone: nothing more is sent or taken. A report that says goodbye goes out first (RFC 3550, section 6.6), for a line that may still carry it.
    /// </summary>
    public void Stop()
    {
        IMediaPlace? place;
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = _isClosed = true;
            place = _place;
        }

        if (place is null)
        {
            DisposeCodecs();
            return;
        }

        SayGoodbye();
        place.Leave();
        place.Wake(); // a tick may be under way; its thread cleans up behind it
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    /// <inheritdoc/>
    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        Observe(type, utf8Json);
        bool room = _line.SendEvent(type, utf8Json);
        lock (_gate)
            return room && !_holdsEngine;
    }

    /// <inheritdoc/>
    public override bool WriteAudio(in EngineAudio audio)
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

    /// <inheritdoc/>
    public override void TakeUnplayed(EngineAudioSink sink)
    {
        lock (_gate)
            _queue.TakeAll(sink);
    }

    /// <inheritdoc/>
    public override bool ClearOutput()
    {
        lock (_gate)
            _queue.Cut();
        return true;
    }

    /// <inheritdoc/>
    public override void Close(SessionTermination termination)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            bool hearsOut = termination.AfterPlayout || termination.Kind is TerminationKind.Expired or TerminationKind.EngineFailed;
            if (hearsOut && !termination.Abrupt && _hasBegun && !_queue.IsEmpty && !_queue.IsHeld)
            {
                // The clock plays what is left, then hangs up.
                _farewellUntil = _clock.Now + LongestFarewell;
                _farewell = termination;
                return;
            }
        }

        Stop();
        _line.Close(termination);
    }

    void IMediaTask.Tick(TimeSpan due, TimeSpan now)
    {
        try
        {
            lock (_sending)
            {
                if (_isStopped)
                    return;
                SendFrames(due, now);
                SendReport(now);
            }

            // Time has passed for what is received, too.
            Wake();
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    void IMediaTask.Work(TimeSpan now)
    {
        if (_isStopped)
        {
            DisposeCodecs();
            return;
        }

        try
        {
            TakePackets();
            if (!_isClosed && _options.Receives)
                _inbound.Advance(now);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Receive(ReadOnlySpan<byte> packet, bool isRtcp)
    {
        if (!_hasBegun || _isClosed)
            return;
        if (_inbox.TryAdd(packet, isRtcp, _clock.Now))
            Wake();
    }

    // Once for all that comes until the thread gets to it.
    private void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
            _place?.Wake();
    }

    private void TakePackets()
    {
        Volatile.Write(ref _woken, 0);
        Span<byte> packet = stackalloc byte[LongestPacket];
        while (_inbox.TryTake(packet, out int length, out bool isRtcp, out var at))
        {
            if (isRtcp)
            {
                lock (_reports)
                    _rtcp.Receive(packet[..length], at);
                continue;
            }

            if (_isClosed || RtpPacket.TryRead(packet[..length], out var rtp) != RtpError.None)
                continue;
            if (_options.Receives && !_inbound.Receive(rtp, at))
                continue;
            lock (_reports)
                _rtcp.OnReceived(rtp.Header, at);
        }
    }

    private void SendFrames(TimeSpan due, TimeSpan now)
    {
        _due ??= due;
        // Held up for longer, the rest is a gap; as a burst it would only make the far side's buffer deeper.
        if (due - _due > LongestCatchUp)
        {
            int missed = (int)((due - _due.Value - LongestCatchUp) / MediaClock.Frame);
            _outbound.Skip(missed);
            _due += missed * MediaClock.Frame;
        }

        for (; _due <= due && !_isStopped; _due += MediaClock.Frame)
            SendFrame(now);
    }

    private void SendFrame(TimeSpan now)
    {
        bool isTalking;
        bool hasRoom = false;
        bool isDigit = false;
        RtpHeader header = default;
        int length = 0;
        SessionTermination? farewell = null;
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
                farewell = _farewell;
        }

        if (!isDigit && _options.Sends)
            length = _outbound.Write(_frame, isTalking, _packet, out header);
        else
            _outbound.Skip(1);
        if (length > 0)
        {
            lock (_reports)
                _rtcp.OnSent(header, length - RtpHeader.FixedLength, now);
            _line.SendRtp(_packet, length);
        }

        Tell();
        if (hasRoom)
            _session.ResumeOutput();
        if (farewell is not null)
        {
            Stop();
            _line.Close(farewell);
        }
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

    private void SendReport(TimeSpan now)
    {
        Span<byte> buffer = stackalloc byte[ReportLength + IRtpLine.Spare];
        int length = 0;
        ReportBlock? report;
        lock (_reports)
        {
            report = _rtcp.RemoteReport;
            if (now >= _rtcp.NextDeadline)
                _rtcp.TryTakeReport(now, buffer[..ReportLength], out length);
        }

        if (length > 0)
            _line.SendRtcp(buffer, length);
        if (report is { } seen && report != _seenReport)
        {
            _seenReport = report;
            _outbound.ExpectLoss(seen.FractionLost / 256.0);
        }
    }

    private void SayGoodbye()
    {
        Span<byte> buffer = stackalloc byte[ReportLength + IRtpLine.Spare];
        int length;
        lock (_reports)
            _rtcp.TryWriteGoodbye(_clock.Now, buffer[..ReportLength], out length);
        if (length > 0)
            _line.SendRtcp(buffer, length);
    }

    private void DisposeCodecs()
    {
        lock (_sending)
            _outbound.Dispose();
        _inbound.Dispose();
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

    // What the engine says, as far as it matters to what is heard. The session's lock is held.
    private void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        switch (type)
        {
            case ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated:
                (_input.Format, _interrupts) = SessionFacts.OfSession(utf8Json);
                break;
            case ServerEventTypes.SpeechStarted when _interrupts:
                ClearOutput();
                break;
            case ServerEventTypes.ResponseCreated when SessionFacts.OfResponse(utf8Json) is (string id, true):
                lock (_gate)
                    _queue.OutOfBandResponse(id);
                break;
            case ServerEventTypes.ResponseDone when SessionFacts.OfResponse(utf8Json).Id is { } id:
                lock (_gate)
                    _queue.ResponseDone(id);
                break;
            case ServerEventTypes.OutputAudioDone when SessionFacts.Field(utf8Json, "item_id") is { } id:
                lock (_gate)
                    _queue.ItemDone(id);
                break;
        }
    }

    private void OnDigit(char digit)
    {
        if (_keys.TakeInBand(digit, _clock.Now))
            Announce(digit);
    }

    private void Announce(char digit) => _session.Announce(ServerEventTypes.DtmfReceived, PlayoutEvents.Digit(digit, _media.Time.GetUtcNow()));

    // A defect here must cost this call only.
    private void Fail(Exception exception)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) != 0)
            return;
        _media.Failed(_session.Id, exception);
        Stop();
        _session.End(new SessionTermination(TerminationKind.ServerFault, "internal error",
            new RealtimeError(RealtimeError.ServerError, "internal_error", "The server had an error while carrying your call. Make a new one.")));
        _line.Close(new SessionTermination(TerminationKind.ServerFault, "internal error"));
    }
}

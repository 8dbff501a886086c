using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// One caller's audio call as a session sees it: plays the engine's audio as RTP at the pace of the clock, keeps the account of what was heard, cuts it off when the
/// caller speaks, and brings the caller's audio to the engine. Packets go in and out through an <see cref="IRtpLine"/>.
/// </summary>
/// <remarks>
/// What is sent (<see cref="RtpSender"/>) is the work of one thread of the <see cref="MediaClock"/>, what came (<see cref="RtpReceiver"/>) that of another; neither holds a lock that
/// others wait for while it calls session or line. What the engine says comes from its own thread under the session's lock.
/// </remarks>
public sealed class RtpConnection : VoiceConnection, IMediaTask, IDisposable
{
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly string _transport;
    private readonly VoiceSession _session;
    private readonly AudioCallOptions _options;
    private readonly IRtpLine _line;
    private readonly RtpMedia _media;
    private readonly MediaClock _clock;
    private readonly RtpReports _reports;
    private readonly RtpSender _sender;
    private readonly RtpReceiver _receiver;
    private readonly KeySources _keys = new();
    private IMediaPlace? _place;
    private int _woken;
    private int _hasFailed;
    private bool _interrupts = true;
    private volatile bool _hasBegun;
    private volatile bool _isClosed;
    private volatile bool _isStopped;

    internal RtpConnection(string transport, VoiceSession session, AudioCallOptions options, IRtpLine line, RtpMedia media)
    {
        (_transport, _session, _options, _line, _media, _clock) = (transport, session, options, line, media, media.Clock);
        _reports = new RtpReports(options, line, _clock.Now, media.Time.GetUtcNow());
        _sender = new RtpSender(session, options, media.Options, line, _reports);
        _receiver = new RtpReceiver(options, media.Options, _reports, new InputWriter(audio => _session.ReceiveAudioAsync(audio, CancellationToken.None)), OnDigit);
        // A session that goes on over this line told the one before.
        Follow(session.Input);
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
            var reception = _reports.Reception;
            return new MediaStatistics(
                _options.Codec.Name, reception?.Received ?? 0, reception?.Lost ?? 0, _sender.Packets, Math.Round(reception?.Jitter.TotalMilliseconds ?? 0, 2),
                _reports.RoundTrip?.TotalMilliseconds, _reports.RemoteReport?.FractionLost * 100.0 / 256, (long)_receiver.Concealed.TotalMilliseconds,
                (long)_receiver.Silence.TotalMilliseconds, (long)_sender.Queued.TotalMilliseconds);
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
    public bool SendDigits(string digits) => _sender.SendDigits(digits);

    /// <summary>A key of the caller's that came beside the audio (SIP INFO). Told once, even when it comes as RTP as well.</summary>
    public void PressKey(char digit)
    {
        if (_keys.TakeBeside(digit, _clock.Now))
            Announce(digit);
    }

    /// <summary>Whether what the engine says waits in place of being played, as while a phone rings; what the caller's side says is heard all the same.</summary>
    public void HoldPlayout(bool isHeld) => _sender.Hold(isHeld);

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

        _sender.Stop();
        _receiver.Close();
        if (place is null)
        {
            DisposeCodecs();
            return;
        }

        _reports.SayGoodbye(_clock.Now);
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
        return room && !_sender.HoldsEngine;
    }

    /// <inheritdoc/>
    public override bool WriteAudio(in EngineAudio audio) => _sender.Play(audio);

    /// <inheritdoc/>
    public override void TakeUndelivered(ServerEventSink events, EngineAudioSink audio, bool mayRepeat)
    {
        _line.TakeUndelivered(events);
        _sender.TakeUnplayed(audio);
    }

    /// <inheritdoc/>
    public override bool ClearOutput()
    {
        _sender.Cut();
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
        }

        _receiver.Close();
        bool hearsOut = termination.AfterPlayout || termination.Kind is TerminationKind.Expired or TerminationKind.EngineFailed;
        // The clock plays what is left, then hangs up.
        if (hearsOut && !termination.Abrupt && _hasBegun && _sender.TryFinish(termination, _clock.Now + LongestFarewell))
            return;
        Stop();
        _line.Close(termination);
    }

    void IMediaTask.Tick(TimeSpan due, TimeSpan now)
    {
        try
        {
            if (_sender.Tick(due, now) is { } finished)
            {
                Stop();
                _line.Close(finished);
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
            Volatile.Write(ref _woken, 0);
            if (_receiver.Work(now))
                Wake();
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
        if (_receiver.TryAdd(packet, isRtcp, _clock.Now))
            Wake();
    }

    // Once for all that comes until the thread gets to it.
    private void Wake()
    {
        // A tick, or a packet, may be there before the place is: the next tick wakes for both.
        if (Volatile.Read(ref _place) is { } place && Interlocked.Exchange(ref _woken, 1) == 0)
            place.Wake();
    }

    private void DisposeCodecs()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    // What the engine says, as far as it matters to what is heard. The session's lock is held.
    private void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        switch (type)
        {
            case ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated or ServerEventTypes.Resumed:
                Follow(_session.Input);
                break;
            case ServerEventTypes.SpeechStarted when _interrupts:
                ClearOutput();
                break;
            case ServerEventTypes.ResponseCreated when SessionFacts.OfResponse(utf8Json) is (string id, true):
                _sender.OutOfBandResponse(id);
                break;
            case ServerEventTypes.ResponseDone when SessionFacts.OfResponse(utf8Json).Id is { } id:
                _sender.ResponseDone(id);
                break;
            case ServerEventTypes.OutputAudioDone when SessionFacts.Field(utf8Json, "item_id") is { } id:
                _sender.ItemDone(id);
                break;
        }
    }

    private void Follow(InputSettings input) => (_receiver.Format, _interrupts) = (input.Format, input.InterruptsResponse);

    private void OnDigit(char digit, bool isNew)
    {
        if (!isNew)
            _keys.HoldInBand(digit, _clock.Now);
        else if (_keys.TakeInBand(digit, _clock.Now))
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

using System.Globalization;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Realtime.Beta;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>One caller's socket as a session sees it.</summary>
internal sealed class WebSocketConnection : VoiceConnection, IWebSocketReceiver
{
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebSocketLink _link;
    private readonly VoiceSession? _session;
    private readonly bool _binaryAudio;
    private readonly bool _isBeta;
    private KeptOutput? _kept;
    private uint _announcedItem;
    private volatile bool _isClosed;

    /// <summary>Takes over the line; without a session it only says goodbye.</summary>
    /// <param name="link">The line after its handshake.</param>
    /// <param name="session">Whose connection this is.</param>
    /// <param name="binaryAudio">Audio travels as binary frames.</param>
    /// <param name="isBeta">The caller speaks the protocol's beta shape; the session never sees it.</param>
    public WebSocketConnection(WebSocketLink link, VoiceSession? session, bool binaryAudio, bool isBeta)
    {
        _link = link;
        _session = session;
        _binaryAudio = binaryAudio;
        _isBeta = isBeta;
        link.Receiver = this;
    }

    public override string Transport => "websocket";

    public override bool UnderstandsExtensions => _binaryAudio;

    /// <summary>The defect that ended the line; null when it ended otherwise.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Takes the events in place of a session, when this is not the call's own connection.</summary>
    public Sideband? Sideband { get; set; }

    /// <summary>Completes when we have said goodbye; the caller's own may take a moment.</summary>
    public Task Closing => _closing.Task;

    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (!_isBeta)
        {
            // Whoever has a token can come back, and is owed what is on its way until it has arrived.
            if (type == ServerEventTypes.ResumeToken)
                (_kept ??= new KeptOutput(_link)).Begin();
            return _link.Send(Opcode.Text, utf8Json);
        }

        if (BetaServerEvent.IsUnknownToBeta(type))
            return true;
        if (BetaServerEvent.NewNameOf(type) is { IsEmpty: false } name)
            return SendRenamed(utf8Json, name);
        return _link.Send(Opcode.Text, BetaServerEvent.Rewrite(type, utf8Json) is { } rewritten ? rewritten : utf8Json);
    }

    public override bool WriteAudio(in EngineAudio audio)
    {
        if (!_binaryAudio)
            return audio.Event.IsEmpty ? _link.Send(Opcode.Text, new AudioDelta(audio, _isBeta)) : WriteEvent(ServerEventTypes.OutputAudioDelta, audio.Event);
        if (audio.Item.Ordinal != _announcedItem)
        {
            _announcedItem = audio.Item.Ordinal;
            _kept?.Announced(audio.Item);
            WriteEvent(ServerEventTypes.AudioItem, AudioFrame.Announcement(audio.Item));
        }

        return _link.Send(Opcode.Binary, new AudioFrame(audio));
    }

    public override void Close(SessionTermination termination)
    {
        _isClosed = true;
        if (termination.Abrupt)
        {
            _link.Abort();
        }
        else
        {
            if (termination.Error is { } error)
                WriteError(error);
            var (code, reason) = WebSocketCloseCode.Of(termination);
            _link.Close(code, reason);
        }

        _closing.TrySetResult();
    }

    public override void TakeUndelivered(ServerEventSink events, EngineAudioSink audio, bool mayRepeat) => _kept?.TakeAll(events, audio, mayRepeat);

    /// <summary>Receives into the session until the line ends; says how it ended and whether the caller may come back.</summary>
    public async Task<(SessionTermination Termination, bool MayResume)> ReceiveAsync()
    {
        var closure = await _link.ReceiveAsync();
        if (closure.Fault is { Code: WebSocketClosure.TooBig } tooBig)
        {
            return (new SessionTermination(TerminationKind.CallerFault, "message too big",
                RealtimeError.Invalid("message_too_big", $"The message cannot be taken: {tooBig.Reason}. Send audio in smaller pieces."))
            { CloseCode = tooBig.Code }, false);
        }

        if (closure.Failure is { } failure)
        {
            Failure = failure;
            return (new SessionTermination(TerminationKind.ServerFault, "internal error",
                new RealtimeError(RealtimeError.ServerError, "internal_error", "The server had an error while processing your session. Open a new one.")), false);
        }

        if (closure.Fault is { } fault)
            return (new SessionTermination(TerminationKind.CallerFault, fault.Reason) { CloseCode = fault.Code }, false);
        if (_link.IsTooSlow)
            return (new SessionTermination(TerminationKind.SlowReader, "the caller did not read what was sent"), true); // a dead spot is no goodbye
        if (!closure.IsOrderly)
            return (new SessionTermination(TerminationKind.CallerLost, "the line broke"), true);
        // A page that is loaded anew closes with 1001, a tab that is closed as well: only time tells which it was.
        if (closure.Code is WebSocketClosure.GoingAway or WebSocketCloseCode.ComingBack)
            return (SessionTermination.CallerClosed, true);
        return (closure.Code is WebSocketClosure.Normal or WebSocketClosure.NoCode
            ? SessionTermination.CallerClosed
            : new SessionTermination(TerminationKind.CallerClosed, string.Create(CultureInfo.InvariantCulture, $"closed by caller with {closure.Code}")), false);
    }

    public ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        // What comes late over a line that another has replaced was said before what comes over that one.
        if (_isClosed || (_session is null && Sideband is null))
            return ValueTask.CompletedTask;
        if (opcode == Opcode.Text)
            return _isBeta ? ReceiveBetaAsync(payload) : ReceiveEventAsync(payload);
        if (_binaryAudio)
            return _session!.ReceiveAudioAsync(payload, CancellationToken.None);
        Refuse(RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent,
            $"Binary messages need the subprotocol '{WebSocketHandshake.BinaryAudioProtocol}'. Without it send input_audio_buffer.append with base64."), null);
        return ValueTask.CompletedTask;
    }

    public void OnRoom() => _session?.ResumeOutput();

    private ValueTask ReceiveEventAsync(ReadOnlyMemory<byte> payload) =>
        Sideband is { } sideband ? sideband.ReceiveEventAsync(payload, CancellationToken.None) : _session!.ReceiveEventAsync(payload, CancellationToken.None);

    // What the session checks and the engine gets is GA, so that beta is no way around either.
    private ValueTask ReceiveBetaAsync(ReadOnlyMemory<byte> payload)
    {
        var translated = BetaClientEvent.Translate(payload);
        if (translated.Error is not { } error)
            return ReceiveEventAsync(translated.Utf8Json);
        Refuse(error, translated.EventId);
        return ValueTask.CompletedTask;
    }

    private void Refuse(RealtimeError error, string? clientEventId)
    {
        if (Sideband is { } sideband)
            sideband.Refuse(error, clientEventId);
        else
            _session!.SendError(error, clientEventId);
    }

    private bool SendRenamed(ReadOnlySpan<byte> utf8Json, ReadOnlySpan<byte> name) =>
        RenamedEvent.TryCreate(utf8Json, name, out var renamed)
            ? _link.Send(Opcode.Text, new RenamedPayload(renamed))
            : _link.Send(Opcode.Text, utf8Json);

    // Sends an error event of our own.
    private void WriteError(RealtimeError error) => WriteEvent(ServerEventTypes.Error, ErrorEvent.Of(error, null));
}

using System.Text.Json;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// The server side of one Realtime GA session as a pure state machine: client events, audio and time in; server events, audio and the next deadline
/// out. It has no thread, clock or socket; the same inputs at the same times give the same outputs (ids apart).
/// </summary>
public sealed class Dialogue
{
    private readonly DialogueState _state;
    private readonly InputTurns _input;
    private readonly Responses _responses;
    private readonly ItemEvents _items;
    private readonly ScriptTimeline? _timeline;
    private readonly TimeSpan _expiresAt;
    private bool _modelIsFixed;
    private bool _answerWhenFree;
    private long _answerOnset;
    private TimeSpan? _answerSilence;

    /// <summary>Sets the dialogue up; nothing is said before <see cref="Start"/>.</summary>
    public Dialogue(DialogueSetup setup, IVoiceEngineOutput output)
    {
        var emit = new EventEmitter(output);
        _state = new DialogueState
        {
            Session = setup.Session,
            Emit = emit,
            Brain = setup.Brain,
            Voice = setup.Voice,
            Pace = setup.Pace,
            Random = new Random(setup.Seed),
            Conversation = new Conversation(setup.Options.MaxItems, setup.Options.RetainedAudioSeconds * 1000L),
        };
        _state.Hearing = new TurnHearing(_state, setup.Recognizer, setup.NoRecognizerReason);
        _expiresAt = setup.ExpiresAt;
        _timeline = setup.Timeline;
        _modelIsFixed = setup.ModelIsFixed;
        _responses = new Responses(_state, OnFault);
        _input = new InputTurns(_state, setup.CreateDetector, setup.CreateSuppressor, _responses, (onset, silence) => Answer(onset, silence), setup.Options.MaxInputSeconds);
        _items = new ItemEvents(_state, () => _input.AnnouncedItemId, _responses.StopMaking);
        _input.Configure(setup.Session.Input);
    }

    /// <summary>True once the dialogue is over; every further input is ignored.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The settings in force.</summary>
    public RealtimeSession Session => _state.Session;

    /// <summary>When <see cref="AdvanceTo"/> must be called next.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            if (HasEnded)
                return null;
            var next = _expiresAt;
            if (_responses.NextDeadline is { } response && response < next)
                next = response;
            if (IdleDeadline is { } idle && idle < next)
                next = idle;
            if (_state.Hearing.NextDeadline is { } heard && heard < next)
                next = heard;
            if (_timeline?.Next is { } scripted && scripted < next)
                next = scripted;
            return next;
        }
    }

    private TimeSpan? IdleDeadline
    {
        get
        {
            if (_state.Session.Input.TurnDetection is not { IdleTimeoutMs: { } idle, IsSemantic: false } || _input.Speaking || _responses.QuietSince is not { } quiet)
                return null;
            return (quiet > _input.LastSpeech ? quiet : _input.LastSpeech) + TimeSpan.FromMilliseconds(idle);
        }
    }

    /// <summary>The caller is gone: what is at work beside the dialogue stops, and every further input is ignored.</summary>
    public void Abandon()
    {
        HasEnded = true;
        _responses.Abandon();
        _state.Hearing.Abandon();
        _input.RemoveFilter();
    }

    /// <summary>Begins: <c>session.created</c>.</summary>
    public void Start(TimeSpan now)
    {
        _state.Now = now;
        _timeline?.Start(now);
        _state.Emit.Session(ServerEventTypes.SessionCreated, _state.Session);
    }

    /// <summary>Takes one client event.</summary>
    public void Receive(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, TimeSpan now)
    {
        if (!Enter(now))
            return;
        if (kind == ClientEventKind.BufferAppend)
            ReceiveAppend(utf8Json);
        else
            ReceiveParsed(kind, utf8Json);
        Leave();
    }

    /// <summary>Takes input audio in the session's input format, as bytes without JSON around them.</summary>
    public void ReceiveAudio(ReadOnlySpan<byte> audio, TimeSpan now)
    {
        if (!Enter(now))
            return;
        if (_input.Append(audio) is { } error)
            _state.Emit.Error(error, null);
        Leave();
    }

    /// <summary>Time passed.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (!Enter(now))
            return;
        if (now >= _expiresAt)
        {
            Expire();
            return;
        }

        while (!HasEnded && _timeline?.TakeDue(now) is { } fault)
            OnFault(fault);
        if (HasEnded)
            return;
        if (IdleDeadline is { } idle && now >= idle && _responses.Active is null)
        {
            _input.TimeOut();
            Answer(0, null);
        }

        Leave();
    }

    /// <summary>Takes what was done beside the dialogue: the sound of a sentence, the words of a turn, a model's answer.</summary>
    public void Run(Action work, TimeSpan now)
    {
        if (!Enter(now))
            return;
        work();
        Leave();
    }

    /// <summary>The output has room for audio again.</summary>
    public void OutputHasRoom(TimeSpan now)
    {
        if (!Enter(now))
            return;
        _state.Emit.OutputHasRoom();
        Leave();
    }

    private bool Enter(TimeSpan now)
    {
        _state.Now = now;
        return !HasEnded;
    }

    private void Leave()
    {
        if (HasEnded)
            return;
        _state.Hearing.Advance();
        _responses.Advance();
        if (_answerWhenFree && _responses.Active is null && !HasEnded)
        {
            _answerWhenFree = false;
            _responses.Create(ResponseOptions.From(_state.Session), _answerOnset, _answerSilence);
        }
    }

    // A turn has ended and an answer is due. With interrupt_response off the one under way finishes first.
    private void Answer(long onset, TimeSpan? silence)
    {
        if (_state.Session.IsTranscription)
            return;
        _answerWhenFree = true;
        _answerOnset = onset;
        _answerSilence = silence;
        if (_responses.Active is not null)
            return;
        _answerWhenFree = false;
        _responses.Create(ResponseOptions.From(_state.Session), onset, silence);
    }

    private void ReceiveAppend(ReadOnlyMemory<byte> utf8Json)
    {
        var outcome = AppendEvent.TryDecode(utf8Json.Span, out var audio);
        if (outcome is null)
        {
            if (_input.Append(audio.Span) is { } full)
                _state.Emit.Error(full, null);
        }
        else
        {
            using var document = Parse(utf8Json);
            _state.Emit.Error(outcome, document is null ? null : EventId(document.RootElement));
        }

        audio.Dispose();
    }

    private void ReceiveParsed(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json)
    {
        if (Parse(utf8Json) is not { } document)
        {
            _state.Emit.Error(RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent, "The message is not valid JSON. Send one JSON object per message."), null);
            return;
        }

        using (document)
        {
            var root = document.RootElement;
            var problem = new EventProblem();
            if (root.ValueKind != JsonValueKind.Object || kind == ClientEventKind.Malformed)
            {
                _state.Emit.Error(
                    RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent, root.ValueKind == JsonValueKind.Object
                        ? "The event has no string 'type'."
                        : "The message is not a JSON object. Send one event object per message."),
                    EventId(root));
                return;
            }

            var fields = new EventFields(root, string.Empty, problem);
            string? eventId = fields.String("event_id", 512);
            var error = problem.Error ?? Handle(kind, fields, problem);
            if (error is not null && !HasEnded)
                _state.Emit.Error(error, eventId);
        }
    }

    private RealtimeError? Handle(ClientEventKind kind, EventFields fields, EventProblem problem)
    {
        switch (kind)
        {
            case ClientEventKind.SessionUpdate:
                return UpdateSession(fields, problem);
            case ClientEventKind.BufferCommit:
                return _input.Commit();
            case ClientEventKind.BufferClear:
                _input.Clear();
                return null;
            case ClientEventKind.ItemCreate:
                return _items.Create(fields, problem);
            case ClientEventKind.ItemRetrieve:
                return _items.Retrieve(fields, problem);
            case ClientEventKind.ItemTruncate:
                return _items.Truncate(fields, problem);
            case ClientEventKind.ItemDelete:
                return _items.Delete(fields, problem);
            case ClientEventKind.ResponseCreate:
                return CreateResponse(fields, problem);
            case ClientEventKind.ResponseCancel:
                string? id = fields.AllowOnly("type", "event_id", "response_id").String("response_id", 256);
                return problem.Error ?? _responses.Cancel(id);
            case ClientEventKind.OutputBufferClear:
                return RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent,
                    "output_audio_buffer.clear is for WebRTC and SIP, where the server plays the audio. Stop your own playback and send conversation.item.truncate.", "type");
            default:
                string type = EventFields.Shorten(fields.String("type") ?? string.Empty);
                return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue,
                    $"Invalid value: '{type}'. Supported values are: {SupportedTypes}.", "type");
        }
    }

    private const string SupportedTypes =
        "'session.update', 'input_audio_buffer.append', 'input_audio_buffer.commit', 'input_audio_buffer.clear', 'conversation.item.create', "
        + "'conversation.item.retrieve', 'conversation.item.truncate', 'conversation.item.delete', 'response.create', 'response.cancel'";

    private RealtimeError? UpdateSession(EventFields fields, EventProblem problem)
    {
        fields.AllowOnly("type", "event_id", "session");
        if (fields.RequiredObject("session") is not { } update)
            return problem.Error;
        var merged = RealtimeSessionReader.Merge(_state.Session, update.Element, _modelIsFixed, typeIsRequired: true, problem);
        if (merged.Output != _state.Session.Output)
            LocalEngine.CheckVoice(merged.Output, problem);
        if (problem.Error is null && _state.AudioItems > 0 && merged.Output.Voice != _state.Session.Output.Voice)
        {
            problem.Report("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.", "session.audio.output.voice");
        }

        if (merged.Output.Speed != _state.Session.Output.Speed && _responses.Active is not null)
            problem.Report(RealtimeErrorCodes.InvalidValue, "The speed changes between the model's turns only, not while a response is in progress.", "session.audio.output.speed");
        if (problem.Error is not null)
            return problem.Error;
        _modelIsFixed |= merged.Model != _state.Session.Model;
        _state.Session = merged;
        _input.Configure(merged.Input);
        _state.Emit.Session(ServerEventTypes.SessionUpdated, merged);
        return null;
    }

    private RealtimeError? CreateResponse(EventFields fields, EventProblem problem)
    {
        if (_state.Session.IsTranscription)
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent, "A transcription session has no responses.", "type");
        fields.AllowOnly("type", "event_id", "response");
        var options = fields.Object("response") is { } response
            ? ResponseOptions.Read(_state.Session, response, _state.Conversation.Find)
            : ResponseOptions.From(_state.Session);
        if (options.Output != _state.Session.Output)
            LocalEngine.CheckVoice(options.Output, problem, "response");
        return problem.Error ?? _responses.Create(options);
    }

    private void OnFault(ScriptFault fault)
    {
        switch (fault.Kind)
        {
            case ScriptFaultKind.Error:
                _state.Emit.Error(fault.Error!, null);
                break;
            case ScriptFaultKind.Malformed:
                _state.Emit.Malformed("{\"type\":\"response.output_text.delta\",\"delta\":"u8);
                break;
            case ScriptFaultKind.Expire:
                Expire();
                break;
            case ScriptFaultKind.Drop:
                End(new SessionTermination(TerminationKind.EngineFailed, "dropped by the script") { Abrupt = true });
                break;
            case ScriptFaultKind.Close:
                End(new SessionTermination(TerminationKind.EngineFailed, fault.Reason ?? "closed by the script") { CloseCode = fault.Code });
                break;
        }
    }

    private void Expire()
    {
        const string message = "Your session hit the maximum duration allowed for it.";
        End(new SessionTermination(TerminationKind.Expired, message, RealtimeError.Invalid(RealtimeErrorCodes.SessionExpired, message)));
    }

    private void End(SessionTermination termination)
    {
        if (HasEnded)
            return;
        HasEnded = true;
        _responses.Abandon();
        _state.Hearing.Abandon();
        _state.Emit.Ended(termination);
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            return JsonText.IsUnicode(utf8Json.Span) ? JsonDocument.Parse(utf8Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? EventId(JsonElement root) => new EventFields(root, string.Empty, new EventProblem()).String("event_id", 512);
}

using VoiceCarnival.Audio;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// One response under way: takes the brain's steps one by one and turns them into events in the order of the protocol (reference, section 5.3), at the
/// pace that is set.
/// </summary>
internal sealed class Response
{
    private readonly DialogueState _state;
    private readonly ResponseEvents _events;
    private readonly Action<ScriptFault> _onFault;
    private readonly List<ConversationItem> _output = [];
    private readonly BrainRequest _request;
    private readonly ResponseClock _clock;
    private TokenUsage _input;
    private bool _isAsked;
    private readonly Narration? _narration;
    private readonly AudioFormat _format;
    private ResponseMessage? _message;
    private TimeSpan _waitUntil;
    private int _textTokens;

    public Response(DialogueState state, BrainRequest request, TokenUsage input, TimeSpan? silence, Action<ScriptFault> onFault)
    {
        _state = state;
        _request = request;
        var options = request.Options;
        _input = input;
        _onFault = onFault;
        _clock = new ResponseClock(state.Now, silence);
        _events = new ResponseEvents(Id, options, options.InConversation ? state.Conversation.Id : null, state.Emit);
        Pacer = new OutputPacer(state.Pace, state.Random);
        _format = WireFormats.Of(options.Output.Format);
        if (state.Voice is { } voice && options.OutputModality == "audio")
            _narration = new Narration(voice, options.Output, _format);
        _events.Created();
    }

    public string Id { get; } = RealtimeIds.New("resp");

    public ResponseOptions Options => _request.Options;

    public ResponsePlan Plan { get; } = new();

    public OutputPacer Pacer { get; }

    /// <summary>How it ended; null while it runs.</summary>
    public ResponseEnd? End { get; private set; }

    /// <summary>When the last of the audio sent so far will have been played by a caller who plays as it comes.</summary>
    public TimeSpan PlaybackEnd => Pacer.PlaybackEnd(_state.Now);

    /// <summary>When to advance next; null when only the brain or the output can move things on.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            if (End is not null)
                return null;
            if (_waitUntil > _state.Now)
                return _waitUntil;
            return _message is { HasPendingAudio: true } && _state.Emit.HasRoom ? Pacer.NextBurst : null;
        }
    }

    /// <summary>Output tokens left under the response's limit; <see cref="int.MaxValue"/> when there is none.</summary>
    public int RemainingTokens => Options.MaxOutputTokens is { } max ? Math.Max(0, max - _textTokens - AudioTokens) : int.MaxValue;

    private int AudioTokens => (int)(Pacer.Sent.TotalMilliseconds / TokenUsage.AgentMillisecondsPerToken);

    /// <summary>True while an item is being written or spoken here.</summary>
    public bool IsMaking(string itemId) => _message?.Item.Id == itemId;

    /// <summary>Does all that is due.</summary>
    public void Advance()
    {
        if (!_isAsked && !TryAsk())
            return;
        while (End is null && _waitUntil <= _state.Now)
        {
            if (Plan.HasSteps)
                _clock.Thought(_state.Now);
            TakeText();
            if (_message is { IsSpeaking: true } message)
            {
                if (!message.EmitAudio())
                {
                    if (RemainingTokens == 0)
                        Finish(ResponseEnd.MaxOutputTokens);
                    return;
                }

                if (message.Problem is { } problem)
                {
                    var error = new RealtimeError(RealtimeError.ServerError, "speech_synthesis_failed", problem);
                    _state.Emit.Error(error, null);
                    Finish(ResponseEnd.Failed(error));
                }

                continue;
            }

            if (_narration?.TryTake(out var utterance) == true)
            {
                Message("output_audio").Say(utterance);
                continue;
            }

            if (!Plan.TryTake(out var step))
            {
                if (Plan.IsComplete)
                    Finish(ResponseEnd.Completed);
                return;
            }

            Take(step);
        }
    }

    /// <summary>Ends the response now: open parts are closed as incomplete unless it completed.</summary>
    public void Finish(ResponseEnd end)
    {
        if (End is not null)
            return;
        End = end;
        _narration?.Abandon();
        Plan.Abandon();
        CloseMessage(end.Status == "completed" ? "completed" : "incomplete");
        if (Plan.Usage is { } counted)
        {
            _input = new TokenUsage(counted.Input, 0, Math.Min(counted.Cached, counted.Input), 0, 0);
            _textTokens = counted.Output;
        }

        var usage = _input with { OutputText = _textTokens, OutputAudio = AudioTokens };
        _state.CachedTokens = _input.Input;
        _state.TokensUsed += usage.Input + usage.Output;
        _events.Done(end, _output, usage);
        EmitRateLimits();
    }

    /// <summary>There is sound to send.</summary>
    public void OnSound() => _clock.Spoke(_state.Now);

    /// <summary>The first of it is about to be sent.</summary>
    public void OnSending()
    {
        if (_clock.TryStop(_state.Now, Id) is { } latency)
            _state.Emit.Measured(latency);
    }

    /// <summary>The session is over: nothing more is done or said.</summary>
    public void Abandon()
    {
        End ??= ResponseEnd.Abandoned;
        _narration?.Abandon();
        Plan.Abandon();
    }

    // The brain is asked once the caller's words are there, for as far as it needs them.
    private bool TryAsk()
    {
        if (End is not null || (_state.Brain.NeedsWords && _state.Hearing.IsAwaited(_request.Context)))
            return false;
        _isAsked = true;
        _clock.Asked(_state.Now);
        _state.Brain.Respond(_request, Plan);
        return true;
    }

    // What is to be spoken is taken as it comes, so that the next sentence is made while this one is heard. Whatever else follows waits until it was said.
    private void TakeText()
    {
        if (_narration is null)
            return;
        while (Plan.TryTakeText(out var text))
        {
            _narration.Add(text.Text);
            if (text.IsWhole)
                _narration.EndSentence();
        }

        if (Plan.HasOther || Plan.IsComplete)
            _narration.EndSentence();
        _narration.Proceed();
    }

    private void Take(ResponseStep step)
    {
        switch (step)
        {
            case SayStep say when Options.OutputModality == "audio":
                Message("output_audio").Say(new Utterance(say.Transcript, say.Clip.ConvertTo(_format)));
                break;
            case SayStep say:
                Write(say.Transcript);
                break;
            case TextStep text:
                Write(text.Text);
                break;
            case CallStep call:
                Call(call);
                break;
            case WaitStep wait:
                _waitUntil = _state.Now + wait.Duration;
                break;
            case FailStep fail:
                if (fail.IsTold)
                {
                    CloseMessage("completed");
                    _state.Emit.Error(fail.Error, null);
                }

                Finish(ResponseEnd.Failed(fail.Error));
                break;
            case CutStep cut:
                Finish(cut.IsFiltered ? ResponseEnd.ContentFilter : ResponseEnd.MaxOutputTokens);
                break;
            case FaultStep fault:
                _onFault(fault.Fault);
                break;
        }
    }

    private void Write(string text)
    {
        int allowed = (int)Math.Min(text.Length, RemainingTokens * 4L);
        if (allowed > 0 && allowed < text.Length && char.IsHighSurrogate(text[allowed - 1]))
            allowed--;
        _textTokens += TokenUsage.OfText(text[..allowed]);
        Message("output_text").Write(text[..allowed]);
        if (allowed < text.Length)
            Finish(ResponseEnd.MaxOutputTokens);
    }

    private void Call(CallStep call)
    {
        CloseMessage("completed");
        var item = new ConversationItem
        {
            Id = RealtimeIds.New("item"),
            Type = "function_call",
            Status = "in_progress",
            Name = call.Name,
            Arguments = string.Empty,
            CallId = RealtimeIds.New("call"),
        };
        int index = Open(item, out string? previous);
        _textTokens += TokenUsage.OfText(call.Name) + TokenUsage.OfText(call.Arguments);
        foreach (var piece in TextPieces.Of(call.Arguments))
            _events.Arguments(ServerEventTypes.FunctionCallArgumentsDelta, item, index, "delta", piece);
        item.Arguments = call.Arguments;
        _events.Arguments(ServerEventTypes.FunctionCallArgumentsDone, item, index, "arguments", call.Arguments);
        Close(item, index, previous, "completed");
    }

    private ResponseMessage Message(string partType)
    {
        if (_message is not null && _message.PartType != partType)
            CloseMessage("completed");
        if (_message is not null)
            return _message;
        var part = new ContentPart
        {
            Type = partType,
            AudioFormat = Options.Output.Format,
            Text = partType == "output_text" ? string.Empty : null,
            Transcript = partType == "output_audio" ? string.Empty : null,
        };
        var item = new ConversationItem { Id = RealtimeIds.New("item"), Type = "message", Role = "assistant", Status = "in_progress", Content = [part] };
        int index = Open(item, out string? previous);
        _events.Part(ServerEventTypes.ContentPartAdded, item.Id, index, part);
        return _message = new ResponseMessage(_state, _events, this, item, part, index, previous);
    }

    private void CloseMessage(string status)
    {
        if (_message is not { } message)
            return;
        _message = null;
        message.CloseParts();
        Close(message.Item, message.OutputIndex, message.PreviousItemId, status);
    }

    private int Open(ConversationItem item, out string? previous)
    {
        int index = _output.Count;
        _output.Add(item);
        _events.Item(ServerEventTypes.OutputItemAdded, index, item, withContent: false);
        previous = null;
        if (Options.InConversation)
        {
            previous = _state.Conversation.Append(item);
            _state.Emit.Item(ServerEventTypes.ItemAdded, item, previous, withContent: false);
        }

        return index;
    }

    private void Close(ConversationItem item, int index, string? previous, string status)
    {
        item.Status = status;
        _events.Item(ServerEventTypes.OutputItemDone, index, item, withContent: true);
        if (Options.InConversation)
        {
            _state.Emit.Item(ServerEventTypes.ItemDone, item, previous);
            ItemEvents.ApplyTruncation(item);
            _state.Conversation.TrimAudio();
        }
    }

    private void EmitRateLimits()
    {
        // There is no limit here; the event comes with plausible figures because clients show and test them.
        const int limit = 1_000_000;
        var writer = _state.Emit.Begin(ServerEventTypes.RateLimitsUpdated);
        writer.WriteStartArray("rate_limits");
        writer.WriteStartObject();
        writer.WriteString("name", "tokens");
        writer.WriteNumber("limit", limit);
        writer.WriteNumber("remaining", limit - (_state.TokensUsed % limit));
        writer.WriteNumber("reset_seconds", 60);
        writer.WriteEndObject();
        writer.WriteEndArray();
        _state.Emit.End();
    }
}

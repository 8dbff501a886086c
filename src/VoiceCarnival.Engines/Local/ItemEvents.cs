using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>The <c>conversation.item.*</c> client events.</summary>
/// <param name="state">The dialogue's.</param>
/// <param name="announced">The id that a turn under way has been told by, and will be committed under; null when there is none.</param>
/// <param name="stopMaking">Ends the response that is making an item.</param>
internal sealed class ItemEvents(DialogueState state, Func<string?> announced, Action<string> stopMaking)
{
    public RealtimeError? Create(EventFields fields, EventProblem problem)
    {
        fields.AllowOnly("type", "event_id", "previous_item_id", "item");
        string? after = fields.String("previous_item_id", 256);
        var item = fields.RequiredObject("item") is { } body ? ConversationItemReader.Read(body, state.Session.Input.Format) : null;
        if (problem.Error is not null || item is null)
            return problem.Error;
        if (state.Conversation.Find(item.Id) is not null || item.Id == announced())
            return RealtimeError.Invalid("item_create_duplicate_id", $"Error adding item: the conversation already has an item with id '{item.Id}'.", "item.id");
        if (item.Type == "function_call_output" && !state.Conversation.HasCall(item.CallId!))
        {
            return RealtimeError.Invalid("invalid_tool_call_id",
                $"Tool call ID '{EventFields.Shorten(item.CallId!)}' not found in conversation.", "item.call_id");
        }

        if (item.ApprovalRequestId is { } asked && state.Conversation.Find(asked) is not { Type: "mcp_approval_request" })
        {
            return RealtimeError.Invalid("invalid_approval_request_id",
                $"Approval request ID '{EventFields.Shorten(asked)}' not found in conversation.", "item.approval_request_id");
        }

        string? previous;
        if (after is null)
        {
            previous = state.Conversation.Append(item);
        }
        else if (!state.Conversation.TryInsertAfter(after, item, out previous))
        {
            return RealtimeError.Invalid("item_create_invalid_previous_item",
                $"Error adding item: the previous item with id '{EventFields.Shorten(after)}' does not exist.", "previous_item_id");
        }

        state.Emit.Item(ServerEventTypes.ItemAdded, item, previous);
        state.Emit.Item(ServerEventTypes.ItemDone, item, previous);
        return null;
    }

    public RealtimeError? Retrieve(EventFields fields, EventProblem problem)
    {
        var item = FindItem(fields.AllowOnly("type", "event_id", "item_id"), "retrieve");
        if (problem.Error is null)
            state.Emit.Item(ServerEventTypes.ItemRetrieved, item!, null, withAudio: true);
        return problem.Error;
    }

    public RealtimeError? Truncate(EventFields fields, EventProblem problem)
    {
        var item = FindItem(fields.AllowOnly("type", "event_id", "item_id", "content_index", "audio_end_ms"), "truncate");
        int? index = fields.Integer("content_index", 0, int.MaxValue);
        int? end = fields.Integer("audio_end_ms", 0, int.MaxValue);
        if (fields.Any("content_index") is null)
            fields.Missing("content_index");
        if (fields.Any("audio_end_ms") is null)
            fields.Missing("audio_end_ms");
        if (problem.Error is not null)
            return problem.Error;
        if (item is not { Type: "message", Role: "assistant" })
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, "Only model output audio messages can be truncated.", "item_id");
        if (index >= item.Content.Count || item.Content[index!.Value] is not { Type: "output_audio" } part)
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, $"Item '{item.Id}' has no audio at content index {index}.", "content_index");
        if (end > part.AudioMilliseconds)
        {
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue,
                $"Audio content of {part.AudioMilliseconds}ms is already shorter than {end}ms", "audio_end_ms");
        }

        part.TruncatedAt = Math.Min(end!.Value, part.TruncatedAt ?? int.MaxValue);
        if (item.Status != "in_progress")
            ApplyTruncation(item);
        var writer = state.Emit.Begin(ServerEventTypes.ItemTruncated);
        writer.WriteString("item_id", item.Id);
        writer.WriteNumber("content_index", index.Value);
        writer.WriteNumber("audio_end_ms", end.Value);
        state.Emit.End();
        return null;
    }

    /// <summary>Cuts what the caller truncated. What is still being spoken is cut once it is done, so that its events stay whole.</summary>
    public static void ApplyTruncation(ConversationItem item)
    {
        foreach (var part in item.Content)
        {
            if (part.TruncatedAt is not { } end)
                continue;
            part.TruncatedAt = null;
            part.Audio = part.Audio[..(int)Math.Min(part.Audio.Length, (long)end * WireFormats.Of(part.AudioFormat).BytesPerMillisecond)];
            part.AudioMilliseconds = end;
            // Where it is not known which words were heard, none are kept: the model must not believe that it said them.
            int heard = part.Words?.FindLastIndex(word => word.HeardAtMs <= end) ?? -1;
            part.Transcript = heard < 0 ? string.Empty : part.Transcript![..Math.Min(part.Transcript!.Length, part.Words![heard].End)];
            part.Words?.RemoveRange(heard + 1, part.Words.Count - heard - 1);
        }
    }

    public RealtimeError? Delete(EventFields fields, EventProblem problem)
    {
        var item = FindItem(fields.AllowOnly("type", "event_id", "item_id"), "delete");
        if (problem.Error is not null)
            return problem.Error;
        stopMaking(item!.Id);
        state.Conversation.Remove(item.Id);
        var writer = state.Emit.Begin(ServerEventTypes.ItemDeleted);
        writer.WriteString("item_id", item.Id);
        state.Emit.End();
        return null;
    }

    private ConversationItem? FindItem(EventFields fields, string verb)
    {
        string? id = fields.RequiredString("item_id", 256);
        var item = id is null ? null : state.Conversation.Find(id);
        if (id is not null && item is null)
            fields.Problem.Report($"item_{verb}_invalid_item_id", $"Cannot {verb} item: no item with id '{EventFields.Shorten(id)}' in the conversation.", "item_id");
        return item;
    }
}

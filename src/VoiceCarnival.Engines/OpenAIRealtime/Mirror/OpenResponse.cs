using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>
/// A response that was announced to the caller and is not done. When the upstream breaks off, it knows every event that the caller still waits
/// for, so that each <c>response.created</c> has its <c>response.done</c> and each part its end.
/// </summary>
internal sealed class OpenResponse(string id, JsonObject response, byte[]? request)
{
    public string Id => id;

    /// <summary>The caller's <c>response.create</c> that asked for it; null when the upstream began by itself.</summary>
    public byte[]? Request => request;

    /// <summary>True for responses beside the default conversation.</summary>
    public bool IsOutOfBand { get; } = response["conversation_id"] is null && request is not null && EventJson.Parse(request) is { } asked && ClientRequest.IsOutOfBand(asked);

    /// <summary>The caller wants no more of it.</summary>
    public bool IsCancelled { get; set; }

    public List<OpenItem> Items { get; } = [];

    /// <summary>True when all that was begun is finished and only <c>response.done</c> is missing.</summary>
    public bool IsComplete => Items.Count > 0 && Items.TrueForAll(item => item.IsDone);

    public OpenItem? Item(string itemId) => Items.Find(item => item.Id == itemId);

    /// <summary>The events that close it, in the protocol's order (reference, section 5.3 B).</summary>
    public IEnumerable<(string Type, JsonObject Event)> Close()
    {
        bool isComplete = IsComplete;
        foreach (var item in Items)
        {
            if (!item.IsDone)
            {
                foreach (var closing in CloseItem(item))
                    yield return closing;
            }
            else if (!item.IsInConversation && !IsOutOfBand)
            {
                yield return Event(ServerEventTypes.ItemDone, e => e["item"] = item.Item.DeepClone());
            }
        }

        var done = (JsonObject)response.DeepClone();
        done["status"] = isComplete ? "completed" : IsCancelled ? "cancelled" : "incomplete";
        if (!isComplete)
            done["status_details"] = IsCancelled ? new JsonObject { ["type"] = "cancelled", ["reason"] = "client_cancelled" } : new JsonObject { ["type"] = "incomplete" };
        done["output"] = new JsonArray([.. Items.Select(item => item.Item.DeepClone())]);
        done["usage"] = new JsonObject
        {
            ["total_tokens"] = 0,
            ["input_tokens"] = 0,
            ["output_tokens"] = 0,
            ["input_token_details"] = new JsonObject { ["text_tokens"] = 0, ["audio_tokens"] = 0, ["cached_tokens"] = 0 },
            ["output_token_details"] = new JsonObject { ["text_tokens"] = 0, ["audio_tokens"] = 0 },
        };
        yield return Event(ServerEventTypes.ResponseDone, e => e["response"] = done);
    }

    private IEnumerable<(string Type, JsonObject Event)> CloseItem(OpenItem item)
    {
        foreach (var part in item.Parts)
        {
            if (part.IsDone)
                continue;
            string text = part.Text.ToString();
            if (part.IsAudio && !part.IsAudioDone)
                yield return Event(ServerEventTypes.OutputAudioDone, e => Ids(e, item, part));
            if (!part.IsTextDone)
            {
                yield return Event(part.IsAudio ? ServerEventTypes.OutputAudioTranscriptDone : ServerEventTypes.OutputTextDone, e =>
                {
                    Ids(e, item, part);
                    e[part.IsAudio ? "transcript" : "text"] = text;
                });
            }

            yield return Event(ServerEventTypes.ContentPartDone, e =>
            {
                Ids(e, item, part);
                e["part"] = part.IsAudio ? new JsonObject { ["type"] = "audio", ["transcript"] = text } : new JsonObject { ["type"] = "text", ["text"] = text };
            });
        }

        item.Item = Incomplete(item);
        yield return Event(ServerEventTypes.OutputItemDone, e =>
        {
            e["response_id"] = Id;
            e["output_index"] = item.OutputIndex;
            e["item"] = item.Item.DeepClone();
        });
        if (!IsOutOfBand)
            yield return Event(ServerEventTypes.ItemDone, e => e["item"] = item.Item.DeepClone());
    }

    private static JsonObject Incomplete(OpenItem item)
    {
        var cut = (JsonObject)item.Item.DeepClone();
        cut["status"] = "incomplete";
        if ((string?)cut["type"] == "message")
        {
            cut["content"] = new JsonArray([.. item.Parts.Select(part => (JsonNode)(part.IsAudio
                ? new JsonObject { ["type"] = "output_audio", ["transcript"] = part.Text.ToString() }
                : new JsonObject { ["type"] = "output_text", ["text"] = part.Text.ToString() }))]);
        }
        else if ((string?)cut["type"] == "function_call")
        {
            cut["arguments"] = item.Arguments.ToString();
        }

        return cut;
    }

    private void Ids(JsonObject e, OpenItem item, OpenPart part)
    {
        e["response_id"] = Id;
        e["item_id"] = item.Id;
        e["output_index"] = item.OutputIndex;
        e["content_index"] = part.ContentIndex;
    }

    private static (string Type, JsonObject Event) Event(string type, Action<JsonObject> fill)
    {
        var e = new JsonObject { ["type"] = type, ["event_id"] = RealtimeIds.New("event") };
        fill(e);
        return (type, e);
    }
}

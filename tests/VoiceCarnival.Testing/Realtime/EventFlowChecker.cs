using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The state behind <see cref="EventFlow"/>: one event in, violations out.</summary>
internal sealed class EventFlowChecker
{
    private readonly List<string> _violations = [];
    private readonly HashSet<string> _eventIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResponseFlow> _responses = new(StringComparer.Ordinal);
    private readonly ConversationFlow _conversation;
    private readonly InputFlow _input;
    private int _number = -1;
    private string _type = "";

    public EventFlowChecker()
    {
        _conversation = new(Report);
        _input = new(Report);
    }

    public IReadOnlyList<string> Violations => _violations;

    public void Take(JsonElement json)
    {
        _number++;
        _type = Text(json, "type") ?? "";
        CheckEventId(json);
        _conversation.FromTheStart |= _number == 0 && _type == "session.created";
        if (_type == "session.created" && _number > 0)
        {
            Report("session.created must be the first event");
        }

        if (_type == "response.created")
        {
            Begin(json);
        }
        else if (_type.StartsWith("response.", StringComparison.Ordinal))
        {
            TakeOfResponse(json);
        }
        else if (_type.StartsWith("conversation.item.input_audio_transcription.", StringComparison.Ordinal))
        {
            _input.TakeTranscription(_type, json, _conversation);
        }
        else if (_type.StartsWith("conversation.item.", StringComparison.Ordinal))
        {
            _conversation.Take(_type, json);
        }
        else if (_type.StartsWith("input_audio_buffer.", StringComparison.Ordinal))
        {
            _input.TakeBuffer(_type, json);
        }
    }

    public void End()
    {
        _type = "end";
        _number++;
        foreach (var response in _responses.Values)
        {
            if (!response.IsDone)
            {
                Report($"{response.Id} has no response.done");
            }

            foreach (string itemId in response.ItemIds)
            {
                if (response.IsOutOfBand && _conversation.Knows(itemId))
                {
                    Report($"{itemId} is of a response out of band, but was put in the conversation");
                }
                else if (!response.IsOutOfBand && !_conversation.Knows(itemId))
                {
                    Report($"{itemId} has no conversation.item.added");
                }
            }
        }

        _conversation.End();
        _input.End(_conversation);
    }

    internal static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private void CheckEventId(JsonElement json)
    {
        string? id = Text(json, "event_id");
        // OpenAI's DTMF event has no id; events of our own need none.
        if (id is null && _type != "input_audio_buffer.dtmf_event_received" && !ExtensionEvents.IsExtension(_type))
        {
            Report("has no event_id");
        }
        else if (id is not null && !_eventIds.Add(id))
        {
            Report($"the event_id {id} was used before");
        }
    }

    private void Begin(JsonElement json)
    {
        var response = json.TryGetProperty("response", out var body) ? body : default;
        if (Text(response, "id") is not { } id)
        {
            Report("has no response.id");
            return;
        }

        bool outOfBand = response.TryGetProperty("conversation_id", out var conversation) && conversation.ValueKind == JsonValueKind.Null;
        if (!outOfBand && _responses.Values.FirstOrDefault(other => !other.IsDone && !other.IsOutOfBand) is { } running)
        {
            Report($"{id} begins while {running.Id} is active in the default conversation");
        }

        if (!_responses.TryAdd(id, new ResponseFlow(id, outOfBand, Report)))
        {
            Report($"{id} was created before");
        }
    }

    private void TakeOfResponse(JsonElement json)
    {
        string? id = _type == "response.done"
            ? Text(json.TryGetProperty("response", out var body) ? body : default, "id")
            : Text(json, "response_id") ?? OwnerOf(Text(json, "item_id"));
        if (id is null || !_responses.TryGetValue(id, out var response))
        {
            Report(id is null ? "belongs to no response" : $"{id} was never created");
        }
        else if (response.IsDone)
        {
            Report(_type == "response.done" ? $"{id} is done twice" : $"comes after the response.done of {id}");
        }
        else
        {
            response.Take(_type, json);
        }
    }

    /// <summary>The response.mcp_call.* events name only their item.</summary>
    private string? OwnerOf(string? itemId) =>
        itemId is null ? null : _responses.Values.FirstOrDefault(response => response.ItemIds.Contains(itemId))?.Id;

    private void Report(string text) => _violations.Add($"#{_number} {_type}: {text}");
}

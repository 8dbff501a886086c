using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>
/// Holds a call to the operator's policy whose caller can tell the service what it likes, over a data channel that passes us by. What shows in the service's events is
/// set back: session fields, answers longer or in other voices than allowed, messages that speak for the operator. A caller who goes on is to be hung up. Pure.
/// </summary>
internal sealed class CallGuard(AgreedSession agreed)
{
    /// <summary>So often is something set back.</summary>
    public const int Most = 5;

    private const int MostMessages = 32;
    private readonly List<JsonNode> _messages = [];
    private bool _isOutstanding;

    /// <summary>What was set back so far.</summary>
    public int Count { get; private set; }

    /// <summary>The caller goes on: the call has to end.</summary>
    public bool IsExhausted => Count > Most;

    /// <summary>Takes note of an event that somebody sent through this server, where it was checked.</summary>
    public void Allow(ClientEventKind kind, ReadOnlySpan<byte> utf8Json)
    {
        if (kind is not (ClientEventKind.SessionUpdate or ClientEventKind.ItemCreate) || EventJson.Parse(utf8Json) is not { } e)
            return;
        try
        {
            if (kind == ClientEventKind.SessionUpdate && e["session"] is JsonObject fields)
                agreed.Propose(fields);
            else if (e["item"] is JsonObject item && item["content"] is { } content && IsRefused(item) && _messages.Count < MostMessages)
                _messages.Add(content.DeepClone());
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // A field twice, half a surrogate pair: the service will refuse it.
        }
    }

    /// <summary>Looks at an event of the service.</summary>
    /// <returns>What is wrong with it, and the event that sets it right; null when nothing is.</returns>
    public (string Path, JsonObject Event)? Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (type is not (ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated or ServerEventTypes.ResponseCreated or ServerEventTypes.ItemAdded)
            || EventJson.Parse(utf8Json) is not { } e)
        {
            return null;
        }

        try
        {
            return type switch
            {
                ServerEventTypes.ResponseCreated => Check(e["response"] as JsonObject),
                ServerEventTypes.ItemAdded => CheckItem(e["item"] as JsonObject),
                _ => CheckSession(e["session"] as JsonObject),
            };
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return null; // a field twice, half a surrogate pair: not what the service sends
        }
    }

    private (string Path, JsonObject Event)? CheckSession(JsonObject? session)
    {
        if (session is null)
            return null;
        if (agreed.Check(session) is not { } difference)
        {
            _isOutstanding = false;
            return null;
        }

        _isOutstanding = true;
        Count++;
        return ("session." + difference.Path, new JsonObject { ["type"] = ClientEventTypes.SessionUpdate, ["session"] = difference.Fields });
    }

    // What is answered before the session is set right may be answered under the caller's own rules.
    private (string Path, JsonObject Event)? Check(JsonObject? response)
    {
        string? wrong = response is null ? null : agreed.CheckResponse(JsonSerializer.SerializeToElement(response))?.Param;
        if (wrong is null && !_isOutstanding)
            return null;
        if (wrong is not null)
            Count++;
        var cancel = new JsonObject { ["type"] = ClientEventTypes.ResponseCancel };
        if (response?["id"] is { } id)
            cancel["response_id"] = id.DeepClone();
        return (wrong ?? "response", cancel);
    }

    private (string Path, JsonObject Event)? CheckItem(JsonObject? item)
    {
        if (item is null || !IsRefused(item))
            return null;
        int known = _messages.FindIndex(content => IsSame(content, item["content"]));
        if (known >= 0)
        {
            _messages.RemoveAt(known);
            return null;
        }

        Count++;
        return ("item.role", new JsonObject { ["type"] = ClientEventTypes.ItemDelete, ["item_id"] = item["id"]?.DeepClone() });
    }

    // Lists of tools are the service's own.
    private bool IsRefused(JsonObject item) => item["role"] is not null && agreed.CheckItem(JsonSerializer.SerializeToElement(item)) is not null;

    private static bool IsSame(JsonNode content, JsonNode? told) => JsonNode.DeepEquals(Texts(content), Texts(told));

    private static JsonArray Texts(JsonNode? content) =>
        [.. (content as JsonArray ?? []).OfType<JsonObject>().Select(part => part["text"]?.DeepClone())];
}

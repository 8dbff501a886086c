using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Testing.OpenAI;

/// <summary>A call at the fake service: its session, its sidebands, and how it ended.</summary>
public sealed class FakeCall
{
    private readonly Lock _gate = new();
    private readonly List<WebSocket> _sidebands = [];
    private readonly List<JsonElement> _received = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _changed;
    private JsonObject? _session;
    private int _attempts;

    internal FakeCall(string id, JsonObject? session, Action changed)
    {
        Id = id;
        _session = session;
        _changed = changed;
    }

    /// <summary><c>rtc_…</c></summary>
    public string Id { get; }

    /// <summary>The session as it is now, a copy; null while it rings.</summary>
    public JsonObject? Session
    {
        get
        {
            lock (_gate)
                return (JsonObject?)_session?.DeepClone();
        }
    }

    /// <summary>Completes when the call is over.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sidebands open now.</summary>
    public int Sidebands
    {
        get
        {
            lock (_gate)
                return _sidebands.Count;
        }
    }

    /// <summary>Times that somebody tried to attach.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>Events from the sidebands.</summary>
    public IReadOnlyList<JsonElement> Received
    {
        get
        {
            lock (_gate)
                return [.. _received];
        }
    }

    /// <summary>Says something to every sideband.</summary>
    public async Task SayAsync(string json)
    {
        WebSocket[] sidebands;
        lock (_gate)
            sidebands = [.. _sidebands];
        foreach (var sideband in sidebands)
            await SendAsync(sideband, json);
    }

    /// <summary>The caller sends an event over its own data channel: the service does it and tells every sideband.</summary>
    public Task DataChannelAsync(string json) => ActAsync(Parse(Encoding.UTF8.GetBytes(json)) ?? throw new ArgumentException("not JSON", nameof(json)));

    /// <summary>The caller hangs up. Sidebands are closed, or left open as the real service has been seen to do.</summary>
    public async Task EndAsync(bool closesSidebands = true)
    {
        _ended.TrySetResult();
        if (closesSidebands)
            await CloseSidebandsAsync();
        _changed();
    }

    /// <summary>Closes the sidebands; the call goes on.</summary>
    public async Task CloseSidebandsAsync()
    {
        WebSocket[] sidebands;
        lock (_gate)
            sidebands = [.. _sidebands];
        foreach (var sideband in sidebands)
            await sideband.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
    }

    internal int CountAttempt() => Interlocked.Increment(ref _attempts);

    internal bool TryBegin(JsonObject session)
    {
        lock (_gate)
        {
            if (_session is not null || _ended.Task.IsCompleted)
                return false;
            _session = session;
            return true;
        }
    }

    internal async Task ServeAsync(WebSocket sideband)
    {
        lock (_gate)
            _sidebands.Add(sideband);
        _changed();
        try
        {
            await SendAsync(sideband, Event("session.created"));
            byte[] buffer = new byte[256 * 1024];
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await sideband.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += received.Count;
                }
                while (!received.EndOfMessage);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                if (Parse(buffer.AsMemory(0, length)) is { } e)
                    await ReceiveAsync(e);
                else
                    await SendAsync(sideband, """{"type":"error","event_id":"event_e2","error":{"type":"invalid_request_error","code":"invalid_event","message":"Invalid JSON.","param":null,"event_id":null}}""");
            }

            if (sideband.State == WebSocketState.CloseReceived)
                await sideband.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The other side has gone.
        }
        finally
        {
            lock (_gate)
                _sidebands.Remove(sideband);
            _changed();
        }
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task ReceiveAsync(JsonElement e)
    {
        lock (_gate)
            _received.Add(e);
        _changed();
        await ActAsync(e);
    }

    private async Task ActAsync(JsonElement e)
    {
        switch (e.GetProperty("type").GetString())
        {
            case "session.update":
                lock (_gate)
                    Merge(_session!, JsonObject.Create(e.GetProperty("session"))!);
                await SayAsync(Event("session.updated"));
                _changed();
                break;
            case "conversation.item.create":
                await SayAsync(new JsonObject
                {
                    ["type"] = "conversation.item.added",
                    ["event_id"] = "event_i1",
                    ["previous_item_id"] = null,
                    ["item"] = Created(JsonObject.Create(e.GetProperty("item"))!),
                }.ToJsonString());
                break;
            case "conversation.item.delete":
                await SayAsync(new JsonObject { ["type"] = "conversation.item.deleted", ["event_id"] = "event_i2", ["item_id"] = e.GetProperty("item_id").GetString() }.ToJsonString());
                break;
            case "response.create":
                await SayAsync("""{"type":"response.created","event_id":"event_r1","response":{"object":"realtime.response","id":"resp_1","status":"in_progress","output":[]}}""");
                await SayAsync("""{"type":"response.done","event_id":"event_r2","response":{"object":"realtime.response","id":"resp_1","status":"completed","output":[],"usage":{"total_tokens":30,"input_tokens":10,"output_tokens":20,"input_token_details":{"text_tokens":10,"audio_tokens":0,"cached_tokens":0},"output_token_details":{"text_tokens":0,"audio_tokens":20}}}}""");
                break;
            case "conversation.item.retrieve":
                await SayAsync(new JsonObject
                {
                    ["type"] = "error",
                    ["event_id"] = "event_e1",
                    ["error"] = new JsonObject
                    {
                        ["type"] = "invalid_request_error",
                        ["code"] = "item_not_found",
                        ["message"] = "No such item.",
                        ["param"] = "item_id",
                        ["event_id"] = e.TryGetProperty("event_id", out var id) ? id.GetString() : null,
                    },
                }.ToJsonString());
                break;
        }
    }

    private static JsonObject Created(JsonObject item)
    {
        item["id"] ??= "item_1";
        item["object"] = "realtime.item";
        item["status"] = "completed";
        return item;
    }

    private static void Merge(JsonObject target, JsonObject fields)
    {
        foreach (var (name, value) in fields)
        {
            if (name is "audio" or "input" or "output" && value is JsonObject inner && target[name] is JsonObject existing)
                Merge(existing, inner);
            else
                target[name] = value?.DeepClone();
        }
    }

    private string Event(string type)
    {
        var session = Session!;
        session["object"] = "realtime.session";
        session["id"] = "sess_" + Id;
        return new JsonObject { ["type"] = type, ["event_id"] = "event_s1", ["session"] = session }.ToJsonString();
    }

    private static async Task SendAsync(WebSocket sideband, string json)
    {
        try
        {
            await sideband.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The other side has gone.
        }
    }
}

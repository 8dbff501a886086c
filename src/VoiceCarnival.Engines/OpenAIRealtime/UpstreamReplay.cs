using System.Text;
using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// Brings a new upstream to where the old one was: settings first, then the conversation's items, then a mark whose answer tells that all of it was
/// taken. What the new upstream says meanwhile is not for the caller.
/// </summary>
internal sealed class UpstreamReplay(UpstreamConnection connection)
{
    private static readonly string[] ReadOnlyFields = ["id", "object", "expires_at", "model", "client_secret"];
    private const string SettingsId = "event_settings_again";
    private long _heard;
    private RealtimeError? _lastError;
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public UpstreamConnection Connection => connection;

    /// <summary>Changes as long as something goes out or comes in.</summary>
    public long Progress => Interlocked.Read(ref _heard) - connection.Pending;

    /// <summary>It is gone again and will have nothing of us another time either: what it said of that, and by which code it closed; null otherwise.</summary>
    public (RealtimeError? Error, int CloseCode)? Refusal { get; private set; }

    /// <summary>The new session, once it was told.</summary>
    public JsonObject? Session { get; private set; }

    /// <summary>Errors that the new upstream answered to the replay.</summary>
    public int Errors { get; private set; }

    /// <summary>It is gone again.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>It refused the settings as a whole and has none of them.</summary>
    public bool LacksSettings { get; private set; }

    /// <summary>True when the upstream has taken all, false when it broke.</summary>
    public Task<bool> Done => _done.Task;

    /// <summary>The events to send, in order.</summary>
    /// <param name="mirror">The conversation.</param>
    public static IEnumerable<byte[]> Events(ConversationMirror mirror)
    {
        if (mirror.Session is { } settings)
        {
            foreach (string field in ReadOnlyFields)
                settings.Remove(field);
            RemoveNulls(settings, keep: "turn_detection");
            yield return Utf8(new JsonObject { ["type"] = ClientEventTypes.SessionUpdate, ["event_id"] = SettingsId, ["session"] = settings });
        }

        foreach (var item in mirror.Items)
        {
            // A turn that was not transcribed is heard again, as long as it is at hand.
            if (item.ForReplay(item.Id == mirror.Input.TurnItem ? mirror.Input.TurnBase64 : null) is { } replayed)
                yield return Utf8(new JsonObject { ["type"] = ClientEventTypes.ItemCreate, ["item"] = replayed });
        }

        yield return Utf8(new JsonObject { ["type"] = ClientEventTypes.BufferClear });
    }

    /// <summary>Takes what the new upstream says.</summary>
    public void Observe(string? type, ReadOnlySpan<byte> utf8Json)
    {
        Interlocked.Increment(ref _heard);
        if (type == ServerEventTypes.BufferCleared)
            _done.TrySetResult(true);
        else if (type == ServerEventTypes.Error)
            OnError(utf8Json);
        else if (type is ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated)
            Session = EventJson.Parse(utf8Json)?["session"] as JsonObject ?? Session;
    }

    /// <summary>The new upstream broke, be it after it had taken all.</summary>
    /// <param name="closure">How.</param>
    public void Broke(WebSocketClosure closure)
    {
        IsBroken = true;
        if (!RetrySchedule.MayRetry(closure.Code))
            Refusal = (_lastError, closure.Code);
        _done.TrySetResult(false);
    }

    private void OnError(ReadOnlySpan<byte> utf8Json)
    {
        Errors++;
        _lastError = UpstreamError.Read(utf8Json) ?? _lastError;
        LacksSettings |= (EventJson.Parse(utf8Json)?["error"] as JsonObject)?["event_id"] is JsonValue id && id.TryGetValue(out string? answered) && answered == SettingsId;
    }

    // Optional objects that are off come back as null and are not all taken as null.
    private static void RemoveNulls(JsonObject node, string keep)
    {
        foreach (var (name, value) in node.ToArray())
        {
            if (value is null && name != keep)
                node.Remove(name);
            else if (value is JsonObject inner && name is not ("tools" or "metadata"))
                RemoveNulls(inner, keep);
        }
    }

    private static byte[] Utf8(JsonObject node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}

using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Input;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>
/// Follows a conversation from the events that pass: the session's settings, the items, the answers under way. From it a new upstream can be
/// brought to where the old one was. Pure: events in, state out; what cannot be understood is ignored.
/// </summary>
internal sealed class ConversationMirror
{
    private const int MostItems = 1000;
    private const long MostLength = 16 * 1024 * 1024; // characters; all has to go through one line at once to be told again
    private const string Pcm = "audio/pcm";
    private const int PrefixPadding = 300; // ms, the protocol's default
    private const int DetectionTime = 300; // ms from the first sound until an upstream's announcement is here, with room to spare
    private readonly List<MirrorItem> _items = [];
    private readonly List<OpenResponse> _responses = [];
    private readonly HashSet<string> _bornUpstream = [];
    private bool _detectsTurns;
    private byte[]? _session; // as text: the tree would take several times as much memory for as long as the session lasts

    /// <summary>The session object as it was last told, for the caller to change; null before the first.</summary>
    public JsonObject? Session => _session is null ? null : (JsonObject?)JsonNode.Parse(_session);

    /// <summary>Items in their order.</summary>
    public IReadOnlyList<MirrorItem> Items => _items;

    /// <summary>Responses that were announced and are not done.</summary>
    public IReadOnlyList<OpenResponse> Responses => _responses;

    /// <summary>Client events whose effect was not seen yet.</summary>
    public PendingRequests Requests { get; } = new();

    /// <summary>The caller's audio that another upstream would still need.</summary>
    public InputAudio Input { get; init; } = new(10 * 48_000);

    /// <summary>The item in which the caller is speaking now; null between turns.</summary>
    public string? SpeakingItem { get; private set; }

    /// <summary>The caller's last turn, until its answer begins.</summary>
    public string? UnansweredItem { get; private set; }

    /// <summary>Bytes of a millisecond of the caller's audio.</summary>
    public int InputBytesPerMillisecond => InputFormat == Pcm ? 48 : 8;

    /// <summary>The upstream ends turns and answers them by itself.</summary>
    public bool AnswersTurns { get; private set; }

    /// <summary>Turns are written down and never answered.</summary>
    public bool IsTranscription { get; private set; }

    /// <summary>Turns whose transcript has neither come nor failed.</summary>
    public IEnumerable<MirrorItem> Untranscribed => _items.Where(static item => item is { IsSpoken: true, Transcript: null });

    /// <summary>True for push-to-talk: the caller commits its turns itself.</summary>
    public bool IsPushToTalk { get; private set; }

    /// <summary>Nobody speaks and nothing is awaited: the moment to change the upstream unnoticed.</summary>
    /// <param name="isLast">No better moment will come: a turn of push-to-talk, which for callers that send all the time has no end, does not stand in the way.</param>
    public bool MayMove(bool isLast) =>
        SpeakingItem is null && UnansweredItem is null && _responses.Count == 0 && Requests.Count == 0 && (isLast || !IsPushToTalk || Input.IsAtHand);

    /// <summary><c>audio.input.format.type</c></summary>
    public string InputFormat { get; private set; } = Pcm;

    /// <summary><c>audio.output.format.type</c></summary>
    public string OutputFormat { get; private set; } = Pcm;

    /// <summary>Milliseconds of an item's audio that the caller was sent; for truncation.</summary>
    public Func<string, double?> AudioLength { get; init; } = static _ => null;

    /// <summary>The caller cancels a response, or the one in the conversation when it names none.</summary>
    public void Cancel(ReadOnlySpan<byte> responseCancel)
    {
        string? id = CancelledIn(responseCancel);
        if (_responses.Find(response => id is null ? !response.IsOutOfBand : response.Id == id) is { } cancelled)
            cancelled.IsCancelled = true;
    }

    /// <summary>The response that a <c>response.cancel</c> names; null when it names none.</summary>
    public static string? CancelledIn(ReadOnlySpan<byte> responseCancel) =>
        EventJson.Parse(responseCancel)?["response_id"] is JsonValue value && value.TryGetValue(out string? id) ? id : null;

    /// <summary>Takes a server event.</summary>
    public void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (!IsFollowed(type))
            return;
        try
        {
            if (JsonNode.Parse(utf8Json) is JsonObject e)
                Observe(type, e);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // An event of a shape we do not know is the caller's to understand.
        }
    }

    /// <summary>Takes the settings that the session has from now on.</summary>
    public void SetSession(JsonObject session)
    {
        _session = EventJson.Bytes(session);
        Settle(session);
    }

    /// <summary>Finds an item.</summary>
    public MirrorItem? Find(string itemId) => _items.Find(item => item.Id == itemId);

    /// <summary>
    /// The upstream is gone: forgets the answers under way, keeping as items what the caller was told of them, and returns them.
    /// </summary>
    public IReadOnlyList<OpenResponse> BreakOff()
    {
        OpenResponse[] broken = [.. _responses];
        _responses.Clear();
        return broken;
    }

    /// <summary>Keeps or renews an item, at its place.</summary>
    public void Put(JsonObject item, string? previousId)
    {
        if ((string?)item["id"] is not { } id)
            return;
        foreach (var part in (item["content"] as JsonArray ?? []).OfType<JsonObject>())
            part.Remove("audio");
        item = (JsonObject)item.DeepClone();
        if (Find(id) is { } known)
        {
            known.Item = item;
            Bound();
            return;
        }

        int at = previousId is null ? _items.Count : _items.FindIndex(other => other.Id == previousId) + 1;
        _items.Insert(at <= 0 ? (previousId == "root" ? 0 : _items.Count) : at, new MirrorItem(id, item));
        Bound();
    }

    // The oldest goes, of what is shown first.
    private void Bound()
    {
        if (_items.Count > MostItems)
            _items.RemoveAt(0);
        while (_items.Count > 0 && _items.Sum(static item => (long)item.Length) > MostLength)
        {
            if (_items.Find(static item => item.HasImages) is { } shown)
                shown.ForgetImages();
            else
                _items.RemoveAt(0);
        }
    }

    private static bool IsFollowed(string type) => type is not (ServerEventTypes.OutputAudioDelta or ServerEventTypes.RateLimitsUpdated
        or ServerEventTypes.TranscriptionDelta or ServerEventTypes.ItemRetrieved);

    // Asked for with every frame of audio, so looked up once per change.
    private void Settle(JsonObject session)
    {
        var audio = session["audio"] as JsonObject;
        var input = audio?["input"] as JsonObject;
        var detection = input?["turn_detection"] as JsonObject;
        IsPushToTalk = input is not null && input.TryGetPropertyValue("turn_detection", out var told) && told is null;
        _detectsTurns = detection is not null;
        IsTranscription = session["type"] is JsonValue type && type.TryGetValue(out string? kind) && kind == "transcription";
        AnswersTurns = !IsTranscription && detection is not null && (detection["create_response"] is not JsonValue create || !create.TryGetValue(out bool answers) || answers);
        InputFormat = FormatOf(input);
        OutputFormat = FormatOf(audio?["output"] as JsonObject);
        Input.IsPushToTalk = IsPushToTalk;
        double prefix = detection?["prefix_padding_ms"] is JsonValue value && value.TryGetValue(out double padding) ? padding : PrefixPadding;
        Input.Lead = InputBytesPerMillisecond * (int)Math.Clamp(prefix + DetectionTime, 0, 5000);
    }

    private static string FormatOf(JsonObject? side) =>
        (side?["format"] as JsonObject)?["type"] is JsonValue type && type.TryGetValue(out string? name) ? name : Pcm;

    private void Observe(string type, JsonObject e)
    {
        switch (type)
        {
            case ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated:
                if (e["session"] is JsonObject session)
                    SetSession(session);
                if (type == ServerEventTypes.SessionUpdated)
                    Requests.Acknowledge(ClientEventKind.SessionUpdate);
                break;
            case ServerEventTypes.SpeechStarted:
                SpeakingItem = (string?)e["item_id"] ?? "";
                Input.SpeechStarted(PlaceOf(e["audio_start_ms"]));
                break;
            case ServerEventTypes.SpeechStopped or ServerEventTypes.BufferTimeoutTriggered:
                if (!_detectsTurns)
                    SpeakingItem = null;
                Input.SpeechStopped(PlaceOf(e["audio_end_ms"]));
                break;
            case ServerEventTypes.BufferCommitted:
                SpeakingItem = null;
                Born(e["item_id"]);
                UnansweredItem = AnswersTurns ? (string?)e["item_id"] : null;
                Input.Committed((string?)e["item_id"], Requests.Acknowledge(ClientEventKind.BufferCommit)?.Place);
                break;
            case ServerEventTypes.BufferCleared:
                SpeakingItem = null;
                Input.Cleared(Requests.Acknowledge(ClientEventKind.BufferClear)?.Place);
                break;
            case ServerEventTypes.ItemAdded or ServerEventTypes.ItemDone when e["item"] is JsonObject item:
                byte[]? request = type == ServerEventTypes.ItemAdded && !_bornUpstream.Remove((string?)item["id"] ?? "")
                    ? Requests.Acknowledge(ClientEventKind.ItemCreate)?.Event : null;
                bool isFirst = request is not null && request.AsSpan().IndexOf("\"root\""u8) >= 0;
                Put(item, isFirst ? "root" : (string?)e["previous_item_id"]);
                if (type == ServerEventTypes.ItemDone && OpenItemOf((string?)item["id"] ?? "") is { } told)
                    told.IsInConversation = true;
                break;
            case ServerEventTypes.TranscriptionCompleted:
                if (Find((string?)e["item_id"] ?? "") is { } said)
                    said.Transcript = (string?)e["transcript"];
                break;
            case ServerEventTypes.TranscriptionFailed:
                if (Find((string?)e["item_id"] ?? "") is { } lost)
                    lost.Transcript = "";
                break;
            case ServerEventTypes.ItemTruncated:
                Requests.Acknowledge(ClientEventKind.ItemTruncate);
                Truncate((string?)e["item_id"] ?? "", (double?)e["audio_end_ms"] ?? 0);
                break;
            case ServerEventTypes.ItemDeleted:
                Requests.Acknowledge(ClientEventKind.ItemDelete);
                _items.RemoveAll(item => item.Id == (string?)e["item_id"]);
                break;
            case ServerEventTypes.Error:
                Requests.Refuse((string?)e["error"]?["event_id"]);
                break;
            default:
                ObserveResponse(type, e);
                break;
        }
    }

    private void ObserveResponse(string type, JsonObject e)
    {
        if (type == ServerEventTypes.ResponseCreated && e["response"] is JsonObject created)
        {
            UnansweredItem = null;
            _responses.Add(new OpenResponse((string?)created["id"] ?? "", (JsonObject)created.DeepClone(), Requests.Acknowledge(ClientEventKind.ResponseCreate)?.Event));
            return;
        }

        if (type == ServerEventTypes.ResponseDone)
        {
            // One that broke off was forgotten before; what it answered is still to be answered.
            if (_responses.RemoveAll(response => response.Id == (string?)e["response"]?["id"]) > 0 && SpeakingItem is null)
                Input.Answered();
            return;
        }

        if (_responses.Find(response => response.Id == (string?)e["response_id"]) is not { } open)
            return;
        if (type == ServerEventTypes.OutputItemAdded && e["item"] is JsonObject added)
        {
            Born(added["id"]);
            open.Items.Add(new OpenItem((string?)added["id"] ?? "", (int?)e["output_index"] ?? 0, (JsonObject)added.DeepClone()));
        }
        else if (type == ServerEventTypes.OutputItemDone && e["item"] is JsonObject done && open.Item((string?)done["id"] ?? "") is { } finished)
        {
            finished.Item = (JsonObject)done.DeepClone();
            finished.IsDone = true;
            // The caller may act on it from here on, and another upstream has to know of it.
            if (Find(finished.Id) is not null)
                Put((JsonObject)done.DeepClone(), null);
        }
        else if (open.Item((string?)e["item_id"] ?? "") is { } item)
        {
            ObservePart(type, e, item);
        }
    }

    private OpenItem? OpenItemOf(string itemId)
    {
        foreach (var response in _responses)
        {
            if (response.Item(itemId) is { } item)
                return item;
        }

        return null;
    }

    private static void ObservePart(string type, JsonObject e, OpenItem item)
    {
        int index = (int?)e["content_index"] ?? 0;
        if (type == ServerEventTypes.ContentPartAdded)
        {
            item.Parts.Add(new OpenPart(index, (string?)e["part"]?["type"] == "audio"));
            return;
        }

        if (type == ServerEventTypes.FunctionCallArgumentsDelta)
        {
            item.Arguments.Append((string?)e["delta"]);
            return;
        }

        if (item.Part(index) is not { } part)
            return;
        switch (type)
        {
            case ServerEventTypes.OutputTextDelta or ServerEventTypes.OutputAudioTranscriptDelta:
                part.Text.Append((string?)e["delta"]);
                break;
            case ServerEventTypes.OutputTextDone or ServerEventTypes.OutputAudioTranscriptDone:
                part.IsTextDone = true;
                break;
            case ServerEventTypes.OutputAudioDone:
                part.IsAudioDone = true;
                break;
            case ServerEventTypes.ContentPartDone:
                part.IsDone = true;
                break;
        }
    }

    private long PlaceOf(JsonNode? milliseconds) =>
        milliseconds is JsonValue value && value.TryGetValue(out double ms) && ms >= 0 ? (long)Math.Min(ms * InputBytesPerMillisecond, Input.End) : Input.Sent;

    private void Truncate(string itemId, double endMilliseconds)
    {
        if (Find(itemId) is { } item)
            item.CutTo(AudioLength(itemId) is { } length and > 0 ? endMilliseconds / length : 1);
    }

    private void Born(JsonNode? itemId)
    {
        if ((string?)itemId is { } id && _bornUpstream.Count < MostItems)
            _bornUpstream.Add(id);
    }
}

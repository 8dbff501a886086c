using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using static VoiceCarnival.Sessions.Policy.FieldBounds;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>
/// The operator's rules about session fields, as pure functions: what an untrusted caller may set (<c>session.update</c>, <c>response.create</c>, system
/// messages, token bodies), what every session starts with, and what a caller gets to see.
/// </summary>
public sealed class SessionPolicy
{
    /// <summary>Code of every refusal by the policy.</summary>
    public const string ViolationCode = "policy_violation";

    private const string Transcription = "transcription";
    private const string TranscriptionField = "audio.input.transcription";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly PolicyOptions _options;
    private readonly FieldPaths _allowed;
    private readonly FieldBounds _bounds;
    private readonly bool _restricts;

    /// <summary>Reads the rules once; they do not change while the server runs.</summary>
    public SessionPolicy(IOptions<PolicyOptions> options)
        : this(options.Value)
    {
    }

    internal SessionPolicy(PolicyOptions options)
    {
        _options = options;
        // A list of models is permission to name one of them.
        string[]? allowed = options is { AllowedFields: { } listed, AllowedModels: not null } ? [.. listed, "model"] : options.AllowedFields;
        _allowed = new FieldPaths(allowed, Kept(options));
        _bounds = new FieldBounds(options);
        _restricts = !_allowed.CoversAll || _bounds.Any;
        UnknownFields = [.. (options.AllowedFields ?? []).Where(path => !KnownFields.Contains(path))];
    }

    /// <summary>What <see cref="PolicyOptions.AllowedFields"/> lists and no event of the protocol has.</summary>
    public IReadOnlyList<string> UnknownFields { get; }

    /// <summary>True when this caller's fields are checked.</summary>
    public bool Restricts(Caller caller) => _restricts && IsUntrusted(caller);

    /// <summary>True when this caller does not see the instructions and tools in force.</summary>
    public bool HidesFrom(Caller caller) => _options.HideOperatorFields && IsUntrusted(caller);

    /// <summary>True when callers may get secrets that the service behind us takes as well. Past this server nothing is checked or hidden.</summary>
    public bool AllowsDirectTokens => _options.DirectTokens ?? !_options.HideOperatorFields;

    /// <summary>
    /// True when this caller's media may go to the service past this server (WebRTC). There the data channel shows everything, and what it sets can only be set back.
    /// </summary>
    public bool AllowsDirectCalls(Caller caller) => AllowsDirectTokens || !(Restricts(caller) || HidesFrom(caller));

    /// <summary>True when holders of such secrets could do there what they may not do here.</summary>
    public bool IsBypassedByDirectTokens => AllowsDirectTokens && (_restricts || _options.HideOperatorFields);

    /// <summary>Null when the model may be asked for.</summary>
    public RealtimeError? CheckModel(string? model) => _bounds.CheckModel(model);

    /// <summary>Null when a session of this type may be opened: one that only writes down what it hears is open to whoever may set how it does that.</summary>
    /// <param name="type"><c>realtime</c> or <c>transcription</c>.</param>
    public RealtimeError? CheckType(string type) => type != Transcription || _allowed.Covers(TranscriptionField)
        ? null
        : Refuse("intent", "Sessions that only transcribe are not offered here. Leave out 'intent' and open a realtime session.");

    /// <summary>
    /// False when a bound caller gets the operator's model, whatever its URL names: unmodified clients always name one there, and would not work if they were refused.
    /// </summary>
    public bool LetsNameModel => _options.AllowedModels is not null || _allowed.Covers("model");

    /// <summary>Null when a client event may go on, else the refusal. Never throws.</summary>
    /// <param name="kind">As <see cref="ClientEventPeek"/> sees it.</param>
    /// <param name="utf8Json">The event.</param>
    /// <param name="eventId">The caller's id of a refused event, if it gave one.</param>
    public RealtimeError? CheckEvent(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, out string? eventId)
    {
        eventId = null;
        bool isGoverned = kind is ClientEventKind.SessionUpdate or ClientEventKind.ResponseCreate or ClientEventKind.ItemCreate
            or ClientEventKind.Unknown or ClientEventKind.Malformed;
        if (!isGoverned && HasOneType(utf8Json.Span))
            return null;
        try
        {
            // What we read must be what the engine reads: one field of a name, text that is text.
            using var document = JsonText.IsUnicode(utf8Json.Span) ? JsonDocument.Parse(utf8Json, Strict) : null;
            if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
                return Unreadable;
            var root = document.RootElement;
            eventId = root.TryGetProperty("event_id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
            return kind switch
            {
                ClientEventKind.SessionUpdate => CheckObject(root, "session"),
                ClientEventKind.ResponseCreate => CheckObject(root, "response"),
                ClientEventKind.ItemCreate => root.TryGetProperty("item", out var item) ? CheckItem(item, "item") : null,
                ClientEventKind.Unknown or ClientEventKind.Malformed => Refuse("type", "Events of this type are not taken here."),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Unreadable;
        }
    }

    /// <summary>Null when session fields, as a token request carries them, may be set by the caller.</summary>
    /// <param name="session">The fields.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="own">The model that the session has without asking, which official clients name and anyone may.</param>
    public RealtimeError? CheckSession(JsonElement session, Caller caller, string own)
    {
        if (session.ValueKind != JsonValueKind.Object || !Restricts(caller))
            return null;
        try
        {
            return CheckFields(session, "session", own);
        }
        catch (InvalidOperationException)
        {
            return Unreadable;
        }
    }

    /// <summary>
    /// What a call of this caller is held to, when the caller has a line of its own to the service; null when the policy does not bind the caller.
    /// </summary>
    /// <param name="caller">Whose call.</param>
    /// <param name="fields">The session fields that it starts with.</param>
    public AgreedSession? Agree(Caller caller, JsonObject fields) => Restricts(caller) ? new AgreedSession(this, fields) : null;

    /// <summary>
    /// Says outright what nobody has said: without instructions of the operator's, those that the caller may not set are none, and not the service's own, which we could
    /// not tell from a quick caller's.
    /// </summary>
    public void Pin(JsonObject fields, Caller caller)
    {
        if (Restricts(caller) && !_allowed.Covers("instructions") && fields["type"]?.ToString() != Transcription && !fields.ContainsKey("instructions"))
            fields["instructions"] = "";
    }

    /// <summary>The operator's fields, and over them those bound to the caller.</summary>
    /// <param name="bound">Fields bound to the caller's client secret, or undefined.</param>
    /// <param name="type"><c>realtime</c> or <c>transcription</c>; the latter has neither instructions nor tools.</param>
    /// <param name="caller">Who calls: an untrusted one gets the bound on output tokens.</param>
    public JsonElement WithOperatorFields(JsonElement bound, string type, Caller caller)
    {
        int? maxOutputTokens = IsUntrusted(caller) ? _options.MaxOutputTokens : null;
        bool hasTools = !string.IsNullOrWhiteSpace(_options.Tools);
        if (type == Transcription || (string.IsNullOrEmpty(_options.Instructions) && !hasTools && maxOutputTokens is null))
            return bound;
        var fields = bound.ValueKind == JsonValueKind.Object ? JsonObject.Create(bound)! : [];
        if (!string.IsNullOrEmpty(_options.Instructions) && !fields.ContainsKey("instructions"))
            fields["instructions"] = _options.Instructions;
        if (hasTools && !fields.ContainsKey("tools"))
            fields["tools"] = JsonNode.Parse(_options.Tools!);
        if (maxOutputTokens is { } most && !fields.ContainsKey("max_output_tokens"))
            fields["max_output_tokens"] = most;
        return JsonSerializer.SerializeToElement(fields);
    }

    internal FieldPaths Allowed => _allowed;

    internal FieldBounds Bounds => _bounds;

    private static RealtimeError Unreadable => RealtimeError.Invalid(ViolationCode,
        "The event is not a JSON object that can be read in one way only: it is cut off, nested too deeply, not Unicode, or names a field twice.");

    private bool IsUntrusted(Caller caller) => _options.ApplyToKeys || !caller.IsTrusted;

    // What would take the place of the operator's own, by whatever name.
    private static string[] Kept(PolicyOptions options)
    {
        var kept = new List<string>();
        if (!string.IsNullOrEmpty(options.Instructions))
            kept.AddRange(["instructions", "prompt", "item.system"]);
        if (!string.IsNullOrWhiteSpace(options.Tools))
            kept.AddRange(["tools", "prompt"]);
        return [.. kept];
    }

    // The peek takes the first "type" and others the last. Audio passes with two vector searches.
    private static bool HasOneType(ReadOnlySpan<byte> utf8Json)
    {
        ReadOnlySpan<byte> name = "\"type\""u8;
        int first = utf8Json.IndexOf(name);
        return first >= 0 && utf8Json[(first + name.Length)..].IndexOf(name) < 0 && !utf8Json.Contains((byte)'\\');
    }

    private RealtimeError? CheckObject(JsonElement root, string name) =>
        root.TryGetProperty(name, out var fields) && fields.ValueKind == JsonValueKind.Object ? CheckFields(fields, name) : null;

    private RealtimeError? CheckFields(JsonElement fields, string path, string? own = null)
    {
        bool isResponse = path == "response";
        bool isOwn = own is not null && !isResponse && Get(fields, "model") is { ValueKind: JsonValueKind.String } model && model.ValueEquals(own);
        string? outside = isResponse ? _allowed.FirstOutside(fields, "", "conversation", "metadata") : _allowed.FirstOutside(fields, "", "type", isOwn ? "model" : "type");
        if (outside is not null)
            return Refuse($"{path}.{outside}", $"The field '{Shorten(path + "." + outside)}' is set by this server's operator and cannot be changed.");
        if (!isResponse && Get(fields, "type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals(Transcription) && CheckTranscription(fields, path) is { } refused)
            return refused;
        return _bounds.Check(fields, path) ?? (isResponse ? CheckInput(Get(fields, "input"), path + ".input") : null);
    }

    // Where nothing answers, the transcription's model is the one that is asked for.
    private RealtimeError? CheckTranscription(JsonElement fields, string path)
    {
        if (CheckType(Transcription) is { } refused)
            return refused with { Param = path + ".type" };
        return Get(Get(Get(Get(fields, "audio"), "input"), "transcription"), "model") is { ValueKind: JsonValueKind.String } model
            && _bounds.CheckModel(model.GetString()) is { } wrongModel ? wrongModel with { Param = $"{path}.{TranscriptionField}.model" } : null;
    }

    private RealtimeError? CheckInput(JsonElement? input, string path)
    {
        if (input is not { ValueKind: JsonValueKind.Array } items)
            return null;
        int index = 0;
        foreach (var item in items.EnumerateArray())
        {
            if (CheckItem(item, $"{path}[{index++}]") is { } refused)
                return refused;
        }

        return null;
    }

    // Only what speaks for the operator is looked at: lists of tools, and every message that is neither the caller's nor the assistant's.
    internal RealtimeError? CheckItem(JsonElement item, string path)
    {
        if (Get(item, "type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("mcp_list_tools"u8) && !_allowed.Covers("tools"))
            return Refuse(path + ".type", "The tools are set by this server's operator; a list of others is not taken here.");
        if (Get(item, "role") is not { } role
            || (role.ValueKind == JsonValueKind.String && (role.ValueEquals("user"u8) || role.ValueEquals("assistant"u8))))
        {
            return null;
        }

        if (!_allowed.Covers("item.system"))
            return Refuse(path + ".role", "Messages of this role are not taken here. Use the role 'user'.");
        if (_options.MaxInstructionsLength is not { } most || Get(item, "content") is not { } content)
            return null;
        return content.GetRawText().Length > most + RoomForContent
            ? Refuse(path + ".content", $"'{path}.content' may have about {most} characters here.")
            : null;
    }

    private const int RoomForContent = 64; // [{"type":"input_text","text":""}] around the text
}

using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>OpenAI's own schemas of the Realtime events, to test a server or a client against.</summary>
/// <remarks>Every method answers what is wrong, each with its path; an empty list means valid. All methods may be called at the same time.</remarks>
public static class RealtimeSchema
{
    private const string ResourceName = "openai-realtime-openapi.json";
    private static readonly SchemaDocument? Document = Load();
    private static readonly Dictionary<string, string> ServerSchemas = SchemasByType("RealtimeServerEvent");
    private static readonly Dictionary<string, string> ClientSchemas = SchemasByType("RealtimeClientEvent");

    /// <summary>Whether the schemas were there when this was built; see <c>Spec/README.md</c>.</summary>
    public static bool IsAvailable => Document is not null;

    /// <summary>The types of all events that a server may send; empty without the schemas.</summary>
    public static IReadOnlyCollection<string> ServerEventTypes => ServerSchemas.Keys;

    /// <summary>The types of all events that a client may send; empty without the schemas.</summary>
    public static IReadOnlyCollection<string> ClientEventTypes => ClientSchemas.Keys;

    /// <summary>Checks an event that a server sent, with what OpenAI's agents SDK needs beyond the schema.</summary>
    /// <param name="json">The event.</param>
    /// <param name="reportUnknown">Report properties that the schema does not have, too. Off by default: real servers send more.</param>
    public static IReadOnlyList<string> ValidateServerEvent(JsonElement json, bool reportUnknown = false)
    {
        if (TypeOf(json) is not { } type)
        {
            return ["type: an event must be an object with a string type"];
        }

        if (ExtensionEvents.IsExtension(type))
        {
            return ExtensionEvents.Validate(type, json);
        }

        return [.. Check(json, type, ServerSchemas, Deviations.Server, reportUnknown), .. AgentsSdkRules.Validate(json)];
    }

    /// <inheritdoc cref="ValidateServerEvent(JsonElement, bool)"/>
    public static IReadOnlyList<string> ValidateServerEvent(string json, bool reportUnknown = false) =>
        Parse(json, element => ValidateServerEvent(element, reportUnknown));

    /// <inheritdoc cref="ValidateServerEvent(JsonElement, bool)"/>
    public static IReadOnlyList<string> ValidateServerEvent(ReadOnlyMemory<byte> json, bool reportUnknown = false) =>
        Parse(json, element => ValidateServerEvent(element, reportUnknown));

    /// <summary>Checks an event that a client sent.</summary>
    /// <param name="json">The event.</param>
    /// <param name="reportUnknown">Report properties that the schema does not have, too.</param>
    public static IReadOnlyList<string> ValidateClientEvent(JsonElement json, bool reportUnknown = false)
    {
        if (TypeOf(json) is not { } type)
        {
            return ["type: an event must be an object with a string type"];
        }

        return ExtensionEvents.IsExtension(type)
            ? ExtensionEvents.Validate(type, json)
            : Check(json, type, ClientSchemas, Deviations.Client, reportUnknown);
    }

    /// <inheritdoc cref="ValidateClientEvent(JsonElement, bool)"/>
    public static IReadOnlyList<string> ValidateClientEvent(string json, bool reportUnknown = false) =>
        Parse(json, element => ValidateClientEvent(element, reportUnknown));

    /// <inheritdoc cref="ValidateClientEvent(JsonElement, bool)"/>
    public static IReadOnlyList<string> ValidateClientEvent(ReadOnlyMemory<byte> json, bool reportUnknown = false) =>
        Parse(json, element => ValidateClientEvent(element, reportUnknown));

    /// <summary>Checks any value against a schema by its name, as <c>RealtimeCreateClientSecretResponse</c>; no deviations apply.</summary>
    public static IReadOnlyList<string> Validate(string schemaName, JsonElement json, bool reportUnknown = false)
    {
        if (Document is null)
        {
            return [];
        }

        return Document.TryGet(schemaName, out var schema)
            ? [.. new SchemaValidator(Document, reportUnknown).Validate(json, schema).Select(problem => problem.ToString())]
            : throw new ArgumentException($"There is no schema {schemaName}.", nameof(schemaName));
    }

    /// <inheritdoc cref="Validate(string, JsonElement, bool)"/>
    public static IReadOnlyList<string> Validate(string schemaName, string json, bool reportUnknown = false) =>
        Parse(json, element => Validate(schemaName, element, reportUnknown));

    private static IReadOnlyList<string> Check(
        JsonElement json, string type, Dictionary<string, string> schemas, IReadOnlyList<Deviation> deviations, bool reportUnknown)
    {
        if (Document is null)
        {
            return [];
        }

        if (!schemas.TryGetValue(type, out string? name) || !Document.TryGet(name, out var schema))
        {
            return [$"type: no event is called {type}"];
        }

        return
        [
            .. new SchemaValidator(Document, reportUnknown).Validate(json, schema)
                .Where(problem => !deviations.Any(deviation => deviation.Covers(problem)))
                .Select(problem => $"{type} {problem}"),
        ];
    }

    private static IReadOnlyList<string> Parse(string json, Func<JsonElement, IReadOnlyList<string>> validate)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return validate(document.RootElement);
        }
        catch (JsonException exception)
        {
            return [$"not JSON: {exception.Message}"];
        }
    }

    private static IReadOnlyList<string> Parse(ReadOnlyMemory<byte> json, Func<JsonElement, IReadOnlyList<string>> validate)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return validate(document.RootElement);
        }
        catch (JsonException exception)
        {
            return [$"not JSON: {exception.Message}"];
        }
    }

    private static string? TypeOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;

    private static SchemaDocument? Load()
    {
        using var stream = typeof(RealtimeSchema).Assembly.GetManifestResourceStream(ResourceName);
        return stream is null ? null : new SchemaDocument(JsonElement.Parse(ReadAll(stream)));
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>By prefix of the name, not by the union schema: that one leaves out some events that its own union documents elsewhere.</summary>
    private static Dictionary<string, string> SchemasByType(string prefix)
    {
        var byType = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in Document?.Names.Where(name => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal)) ?? [])
        {
            // The transcription_session.* events are the beta's; a GA server or client must not send them.
            if (Document!.TryGet(name, out var schema)
                && Document.ListedValues(schema, "type") is [var type]
                && !type.StartsWith("transcription_session.", StringComparison.Ordinal))
            {
                byType.Add(type, name);
            }
        }

        return byType;
    }
}

using System.Net.Mime;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using VoiceCarnival.Transports.WebSocket;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>What the API description cannot see by itself: the WebSocket, health checks, metrics.</summary>
internal static class ApiPaths
{
    /// <summary><c>GET /v1/realtime</c>, where it is served.</summary>
    public static void AddRealtime(this OpenApiOptions options) => options.AddDocumentTransformer((document, context, _) =>
    {
        if (!context.ApplicationServices.GetRequiredService<IOptions<WebSocketTransportOptions>>().Value.Enabled)
            return Task.CompletedTask;
        var get = Operation(document, "Realtime", "realtime", "Talk over a WebSocket",
            "Messages are the events of the OpenAI Realtime protocol, one JSON object each, in both directions. Subprotocols: realtime; openai-insecure-api-key.<key> from browsers; "
            + "voicecarnival.pcm16 for audio as binary frames. A wrong key, model or intent is told over the open socket, as OpenAI does: an error event, then close 3000 or 4000.");
        get.Parameters =
        [
            Query("model", "The model; the server's own when left out."),
            Query("intent", "transcription for a session that only writes down what is said.", "transcription"),
            Query("call_id", "rtc_…: listens in on a call that runs, and steers it."),
            Query("resume", "Token of a session whose connection broke, to come back to it."),
        ];
        get.Responses = new OpenApiResponses
        {
            ["101"] = new OpenApiResponse { Description = "Switching Protocols: the conversation begins with session.created." },
            ["403"] = Error("The page that asks is of an origin that may not, or the policy does not let the caller have this model."),
            ["404"] = Error("There is no such call to listen in on, or no session to come back to."),
            ["426"] = Error("Not a WebSocket handshake."),
            ["429"] = Error("The caller, or its address, has as many sessions as it may; see Retry-After."),
            ["503"] = Error("The server is full, restarting, or cannot reach its engine; see Retry-After."),
        };
        Add(document, "/v1/realtime", get);
        return Task.CompletedTask;
    });

    /// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public static void AddHealth(this OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        var alive = Operation(document, "Gateway", "healthz", "Whether the process is alive", "Needs no key.");
        alive.Responses = new OpenApiResponses { ["200"] = Answer("Alive.", MediaTypeNames.Application.Json) };
        Add(document, "/healthz", alive);
        var ready = Operation(document, "Gateway", "readyz", "Whether a session could start now", "Needs no key.");
        ready.Responses = new OpenApiResponses
        {
            ["200"] = Answer("Ready.", MediaTypeNames.Application.Json),
            ["503"] = Error("The engine does not answer; reason says why."),
        };
        Add(document, "/readyz", ready);
        var metrics = Operation(document, "Gateway", "metrics", "Metrics for Prometheus", "Needs no key.");
        metrics.Responses = new OpenApiResponses { ["200"] = Answer("Prometheus text format.", MediaTypeNames.Text.Plain) };
        Add(document, "/metrics", metrics);
        return Task.CompletedTask;
    });

    private static OpenApiOperation Operation(OpenApiDocument document, string tag, string name, string summary, string description)
    {
        document.Tags ??= new HashSet<OpenApiTag>();
        document.Tags.Add(new OpenApiTag { Name = tag });
        return new OpenApiOperation { OperationId = name, Summary = summary, Description = description, Tags = new HashSet<OpenApiTagReference> { new(tag, document) } };
    }

    private static void Add(OpenApiDocument document, string path, OpenApiOperation get)
    {
        var item = new OpenApiPathItem();
        item.AddOperation(HttpMethod.Get, get);
        document.Paths[path] = item;
    }

    private static OpenApiParameter Query(string name, string description, params string[] values) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = values.Length == 0 ? null : [.. values.Select(value => (System.Text.Json.Nodes.JsonNode)value)] },
    };

    private static OpenApiResponse Answer(string description, string type) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [type] = new() },
    };

    private static OpenApiResponse Error(string description) => Answer(description + " The body has OpenAI's error shape.", MediaTypeNames.Application.Json);
}

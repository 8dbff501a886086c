using System.Text.Json;
using Microsoft.Extensions.AI;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Chat;

/// <summary>The session's function tools as a chat model is told of them. They are declared only: the caller runs them.</summary>
internal static class ChatTools
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    public static void Declare(ChatOptions chat, ResponseOptions options)
    {
        var tools = new List<AITool>();
        foreach (var tool in options.Tools)
        {
            if (Text(tool, "type") == "function" && Text(tool, "name") is { } name)
            {
                var parameters = tool.TryGetProperty("parameters", out var schema) && schema.ValueKind == JsonValueKind.Object ? schema : NoParameters;
                tools.Add(AIFunctionFactory.CreateDeclaration(name, Text(tool, "description"), parameters));
            }
        }

        if (tools.Count == 0)
            return;
        chat.Tools = tools;
        chat.ToolMode = options.ToolChoice.ValueKind switch
        {
            JsonValueKind.String when options.ToolChoice.ValueEquals("none") => ChatToolMode.None,
            JsonValueKind.String when options.ToolChoice.ValueEquals("required") => ChatToolMode.RequireAny,
            JsonValueKind.Object when Text(options.ToolChoice, "name") is { } name => ChatToolMode.RequireSpecific(name),
            _ => ChatToolMode.Auto,
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

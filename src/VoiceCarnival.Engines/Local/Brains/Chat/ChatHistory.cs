using System.Text.Json;
using Microsoft.Extensions.AI;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Chat;

/// <summary>A conversation as the messages of a chat model. Items hold what was heard only, so the model does not believe that it said more.</summary>
internal static class ChatHistory
{
    /// <summary>The messages, oldest first: instructions, then what was said, within a number of characters. The newest item is always there.</summary>
    public static List<ChatMessage> Of(BrainRequest request, ChatBrainOptions options)
    {
        var context = request.Context;
        int first = FirstWithin(context, options.MaxHistoryCharacters);
        var messages = new List<ChatMessage>();
        string instructions = request.Options.Instructions;
        if (request.Options.OutputModality == "audio" && options.SpokenStyle.Length > 0)
            instructions = instructions.Length == 0 ? options.SpokenStyle : $"{instructions}\n\n{options.SpokenStyle}";
        if (instructions.Length > 0)
            messages.Add(new ChatMessage(ChatRole.System, instructions));
        for (int i = first; i < context.Count; i++)
        {
            switch (context[i])
            {
                case { Type: "message" } item:
                    AddMessage(messages, item);
                    break;
                case { Type: "function_call" }:
                    i = AddCalls(messages, context, i);
                    break;
            }
        }

        return messages;
    }

    private static void AddMessage(List<ChatMessage> messages, ConversationItem item)
    {
        var contents = new List<AIContent>();
        foreach (var part in item.Content)
        {
            if ((part.Text ?? part.Transcript) is { Length: > 0 } text)
                contents.Add(new TextContent(text));
            else if (part.Type == "input_audio")
                contents.Add(new TextContent("(inaudible)"));
            else if (part.ImageUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var uri))
                contents.Add(uri.Scheme == "data" ? new DataContent(url) : new UriContent(uri, "image/*"));
        }

        if (contents.Count > 0)
            messages.Add(new ChatMessage(item.Role switch { "assistant" => ChatRole.Assistant, "system" => ChatRole.System, _ => ChatRole.User }, contents));
    }

    // Calls that were made together are one message, and each has its result right behind it, whenever that came: models insist on both.
    private static int AddCalls(List<ChatMessage> messages, IReadOnlyList<ConversationItem> context, int index)
    {
        var calls = new List<AIContent>();
        var results = new List<AIContent>();
        for (; index < context.Count && context[index].Type == "function_call"; index++)
        {
            var call = context[index];
            string id = call.CallId ?? call.Id;
            calls.Add(new FunctionCallContent(id, call.Name ?? string.Empty, Arguments(call.Arguments)));
            string? output = context.FirstOrDefault(item => item.Type == "function_call_output" && item.CallId == id)?.Output;
            results.Add(new FunctionResultContent(id, output ?? "There is no result yet."));
        }

        messages.Add(new ChatMessage(ChatRole.Assistant, calls));
        messages.Add(new ChatMessage(ChatRole.Tool, results));
        return index - 1;
    }

    private static Dictionary<string, object?>? Arguments(string? json)
    {
        try
        {
            return string.IsNullOrWhiteSpace(json) ? null : JsonSerializer.Deserialize<Dictionary<string, object?>>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int FirstWithin(IReadOnlyList<ConversationItem> context, int characters)
    {
        long sum = 0;
        for (int i = context.Count - 1; i >= 0; i--)
        {
            var item = context[i];
            sum += item.Text.Length + (item.Arguments?.Length ?? 0) + (item.Output?.Length ?? 0);
            if (sum > characters)
                return Math.Min(i + 1, context.Count - 1);
        }

        return 0;
    }
}

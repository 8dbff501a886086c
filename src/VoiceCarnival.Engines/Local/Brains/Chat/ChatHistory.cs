using System.Text.Json;
using Microsoft.Extensions.AI;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Chat;

/// <summary>A conversation as the messages of a chat model. Items hold what was heard only, so the model does not believe that it said more.</summary>
internal static class ChatHistory
{
    /// <summary>The messages, oldest first: instructions, then what was said, within a number of characters. The newest item is always there, though no longer than that.</summary>
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
        // A result whose call lies just before what is kept would be nothing without it.
        AddCalls(messages, context, [.. context.Take(first).Where(item => item.Type == "function_call" && IndexOfResult(context, item) >= first)], options.MaxHistoryCharacters);
        for (int i = first; i < context.Count; i++)
        {
            switch (context[i])
            {
                case { Type: "message" } item:
                    AddMessage(messages, item, options.MaxHistoryCharacters);
                    break;
                case { Type: "function_call" }:
                    var together = context.Skip(i).TakeWhile(item => item.Type == "function_call").ToList();
                    AddCalls(messages, context, together, options.MaxHistoryCharacters);
                    i += together.Count - 1;
                    break;
            }
        }

        return messages;
    }

    private static void AddMessage(List<ChatMessage> messages, ConversationItem item, int most)
    {
        var contents = new List<AIContent>();
        foreach (var part in item.Content)
        {
            if ((part.Text ?? part.Transcript) is { Length: > 0 } text)
                contents.Add(new TextContent(Shorten(text, most)));
            else if (part.Type == "input_audio")
                contents.Add(new TextContent("(inaudible)"));
            else if (part.ImageUrl is { } url)
                contents.Add(Image(url));
        }

        if (contents.Count > 0)
            messages.Add(new ChatMessage(item.Role switch { "assistant" => ChatRole.Assistant, "system" => ChatRole.System, _ => ChatRole.User }, contents));
    }

    // A PNG or a JPEG in base64: others are refused when they come. White space between the letters is base64, too, which a data URI's reader does not know.
    private static DataContent Image(string url)
    {
        int comma = url.IndexOf(',', StringComparison.Ordinal);
        return new DataContent(Convert.FromBase64String(url[(comma + 1)..]), url[..comma].Contains("png", StringComparison.OrdinalIgnoreCase) ? "image/png" : "image/jpeg");
    }

    // Calls that were made together are one message, and each has its result right behind it, whenever that came: models insist on both.
    private static void AddCalls(List<ChatMessage> messages, IReadOnlyList<ConversationItem> context, List<ConversationItem> together, int most)
    {
        if (together.Count == 0)
            return;
        var calls = new List<AIContent>();
        var results = new List<AIContent>();
        foreach (var call in together)
        {
            string id = call.CallId ?? call.Id;
            calls.Add(new FunctionCallContent(id, call.Name ?? string.Empty, Arguments(call.Arguments, most)));
            int result = IndexOfResult(context, call);
            results.Add(new FunctionResultContent(id, result >= 0 && context[result].Output is { } output ? Shorten(output, most) : "There is no result yet."));
        }

        messages.Add(new ChatMessage(ChatRole.Assistant, calls));
        messages.Add(new ChatMessage(ChatRole.Tool, results));
    }

    private static int IndexOfResult(IReadOnlyList<ConversationItem> context, ConversationItem call)
    {
        string id = call.CallId ?? call.Id;
        for (int i = 0; i < context.Count; i++)
        {
            if (context[i].Type == "function_call_output" && context[i].CallId == id)
                return i;
        }

        return -1;
    }

    private static string Shorten(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), " …");

    private static Dictionary<string, object?>? Arguments(string? json, int most)
    {
        try
        {
            return string.IsNullOrWhiteSpace(json) || json.Length > most ? null : JsonSerializer.Deserialize<Dictionary<string, object?>>(json);
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

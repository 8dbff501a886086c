using System.Buffers;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>
/// Calls of the session's function tools by plain rules: the tool whose name shares most words with what was said, its arguments taken from the words. A demonstration of the way such calls go,
/// not understanding.
/// </summary>
internal static class ToolCalls
{
    // A caller's tools and words may be of any length. What of them goes into a call may not.
    private const int MaxArguments = 32;
    private const int MaxValues = 100;
    private const int MaxName = 64;
    private const int MaxWords = 400;

    // Words of a tool's name that say nothing about what it is for.
    private static readonly string[] Empty = ["get", "set", "the", "a", "an", "of", "to", "in", "on", "for", "do", "my", "by", "is", "what", "it", "function", "tool", "me"];

    // Words at the end of a request that are of no argument.
    private static readonly string[] Closing = ["please", "thanks", "today", "tomorrow", "tonight", "now", "then", "again"];

    /// <summary>The call that fits; null when none does.</summary>
    public static CallStep? For(Words said, ResponseOptions options)
    {
        string? choice = options.ToolChoice.ValueKind == JsonValueKind.String ? options.ToolChoice.GetString() : null;
        if (choice == "none")
            return null;
        string? named = options.ToolChoice.ValueKind == JsonValueKind.Object ? Text(options.ToolChoice, "name") : null;
        JsonElement? best = null;
        int bestScore = 0;
        foreach (var tool in options.Tools)
        {
            if (Text(tool, "type") != "function" || Text(tool, "name") is not { } name || (named is not null && named != name))
                continue;
            int score = Score(said, name);
            if (score > bestScore || (best is null && (named is not null || choice == "required" || said.Has("tool", "tools", "function"))))
                (best, bestScore) = (tool, score);
        }

        return best is { } found ? new CallStep(Text(found, "name")!, Arguments(found, said)) : null;
    }

    /// <summary>A tool's result as something to say.</summary>
    public static string Spoken(string? output)
    {
        if (string.IsNullOrWhiteSpace(output))
            return "The tool gave no answer.";
        try
        {
            using var document = JsonDocument.Parse(output);
            var text = new StringBuilder();
            Append(text, document.RootElement);
            return $"The tool says: {Shorten(text.ToString().TrimEnd(',', ' '))}.";
        }
        catch (JsonException)
        {
            return $"The tool says: {Shorten(output.Trim().TrimEnd('.'))}.";
        }
    }

    private static int Score(Words said, string name)
    {
        int score = 0;
        foreach (string word in Split(name))
        {
            if (!Empty.Contains(word, StringComparer.Ordinal) && said.All.Any(w => Same(w, word)))
                score++;
        }

        return score;
    }

    // "lights" is "light".
    private static bool Same(string a, string b) => a == b || (a.Length > 3 && b.Length > 3 && a.TrimEnd('s') == b.TrimEnd('s'));

    private static string[] Split(string name)
    {
        var spaced = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c))
                spaced.Append(' ');
            spaced.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ');
        }

        return spaced.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Arguments(JsonElement tool, Words said)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        if (tool.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
            && parameters.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            string[] name = Split(Text(tool, "name")!);
            foreach (var property in properties.EnumerateObject().Where(static property => property.Value.ValueKind == JsonValueKind.Object && property.Name.Length <= MaxName).Take(MaxArguments))
                Argument(writer, property, said, name);
        }

        writer.WriteEndObject();
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Argument(Utf8JsonWriter writer, JsonProperty property, Words said, string[] name)
    {
        if (property.Value.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
        {
            var value = values.EnumerateArray().Take(MaxValues).FirstOrDefault(v => v.ValueKind == JsonValueKind.String && said.Has(v.GetString()!.ToLowerInvariant()));
            if (value.ValueKind == JsonValueKind.String)
                writer.WriteString(property.Name, value.GetString());
            return;
        }

        switch (Text(property.Value, "type"))
        {
            case "integer" or "number":
                if (NumberWords.In(said.All) is [int number, ..])
                    writer.WriteNumber(property.Name, number);
                break;
            case "boolean":
                writer.WriteBoolean(property.Name, !said.Has("off", "no", "not", "dont", "stop"));
                break;
            case "string":
                string[] rest = said.After(property.Name.ToLowerInvariant(), "in", "for", "at", "of", "about", "to") ?? AfterName(said, name);
                string[] words = [.. rest.SkipWhile(word => Empty.Contains(word, StringComparer.Ordinal)).Reverse().SkipWhile(word => Closing.Contains(word, StringComparer.Ordinal)).Reverse()];
                writer.WriteString(property.Name, Shorten(words.Length > 0 ? string.Join(' ', words) : said.Original));
                break;
        }
    }

    // "get weather paris": what follows the last word that is of the tool's name.
    private static string[] AfterName(Words said, string[] name)
    {
        int last = said.All.Count - 1;
        while (last >= 0 && !name.Any(word => Same(said.All[last], word)))
            last--;
        return [.. said.All.Skip(last + 1)];
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        if (text.Length > MaxWords)
            return;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    text.Append(property.Name.Replace('_', ' ')).Append(' ');
                    Append(text, property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                    Append(text, element);
                break;
            case JsonValueKind.String:
                text.Append(value.GetString()).Append(", ");
                break;
            default:
                text.Append(value.GetRawText()).Append(", ");
                break;
        }
    }

    private static string Shorten(string text) => text.Length <= MaxWords ? text : text[..(char.IsHighSurrogate(text[MaxWords - 1]) ? MaxWords - 1 : MaxWords)];

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

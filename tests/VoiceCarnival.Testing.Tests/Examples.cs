using System.Text.Json;

namespace VoiceCarnival.Testing.Tests;

/// <summary>One valid example and more of every event, written as a careful server or client sends it.</summary>
internal static class Examples
{
    public static IReadOnlyList<string> Server { get; } = Read("server-events.jsonl");

    public static IReadOnlyList<string> Client { get; } = Read("client-events.jsonl");

    public static string ServerEvent(string type) => Server.First(line => JsonElement.Parse(line).GetProperty("type").GetString() == type);

    public static string ClientEvent(string type) => Client.First(line => JsonElement.Parse(line).GetProperty("type").GetString() == type);

    private static List<string> Read(string name)
    {
        using var stream = typeof(Examples).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}

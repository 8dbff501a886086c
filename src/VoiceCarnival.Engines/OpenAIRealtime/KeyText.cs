using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>The service's messages about keys quote a part of the key; callers must not see it.</summary>
internal static partial class KeyText
{
    /// <summary>Replaces what looks like a key.</summary>
    public static string Hide(string message) => Key().Replace(message, "***");

    /// <summary>The same for an <c>error</c> event.</summary>
    public static ReadOnlySpan<byte> Hide(ReadOnlySpan<byte> errorEvent)
    {
        if (EventJson.Parse(errorEvent) is not { } e || e["error"] is not JsonObject error || error["message"] is not JsonValue value || !value.TryGetValue(out string? message))
            return errorEvent;
        string hidden = Hide(message);
        if (hidden == message)
            return errorEvent;
        error["message"] = hidden;
        return EventJson.Bytes(e);
    }

    [GeneratedRegex(@"\b(sk|ek|rk|sess)[-_][A-Za-z0-9_\-*]{4,}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();
}

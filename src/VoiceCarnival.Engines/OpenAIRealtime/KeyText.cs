using System.Text.RegularExpressions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>The service's messages about keys quote a part of the key; callers must not see it.</summary>
internal static partial class KeyText
{
    /// <summary>Replaces what looks like a key.</summary>
    public static string Hide(string message) => Key().Replace(message, "***");

    [GeneratedRegex(@"\b(sk|ek|rk|sess)[-_][A-Za-z0-9_\-*]{4,}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();
}

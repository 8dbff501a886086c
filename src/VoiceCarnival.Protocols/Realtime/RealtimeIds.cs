using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Random ids in OpenAI's form: a prefix, an underscore and 21 letters and digits (125 bits).</summary>
public static class RealtimeIds
{
    /// <summary>Characters after the underscore.</summary>
    public const int Length = 21;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>A new id such as <c>item_Cfz…</c>.</summary>
    public static string New(string prefix) =>
        string.Create(prefix.Length + 1 + Length, prefix, static (span, p) =>
        {
            p.CopyTo(span);
            span[p.Length] = '_';
            Fill(span[(p.Length + 1)..]);
        });

    /// <summary>Fills the random part, for callers that write straight into a buffer.</summary>
    public static void Fill(Span<char> id) => RandomNumberGenerator.GetItems<char>(Alphabet, id);
}

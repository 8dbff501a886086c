using System.Text;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>Bodies that are nearly right: known names with wrong values, deep nesting, odd strings, broken ends.</summary>
internal static class RandomJson
{
    private static readonly string[] Names =
    [
        "session", "expires_after", "anchor", "seconds", "type", "model", "audio", "input", "output", "format", "rate", "voice", "tools", "name",
        "parameters", "instructions", "turn_detection", "threshold", "prefix_padding_ms", "silence_duration_ms", "output_modalities", "tool_choice",
        "max_output_tokens", "transcription", "noise_reduction", "tracing", "truncation", "include", "prompt", "id", "", "\\ud83d\\ude00", "a.b",
    ];

    private static readonly string[] Texts =
    [
        "realtime", "transcription", "created_at", "audio", "text", "audio/pcm", "audio/pcmu", "server_vad", "semantic_vad", "auto", "none", "inf",
        "", "\\ud800", "\\u0000", "ü", "\\\"", "{}", "function",
    ];

    private static readonly string[] Numbers = ["0", "-1", "600", "24000", "1e400", "0.5", "9223372036854775808", "-0", "1E-9"];

    public static string Body(Random random)
    {
        var text = new StringBuilder();
        Object(random, text, 0, ["session", "expires_after"]);
        if (random.Next(8) == 0)
            text.Length = random.Next(text.Length);
        return text.ToString();
    }

    private static void Value(Random random, StringBuilder text, int depth)
    {
        switch (random.Next(depth > 8 ? 4 : 7))
        {
            case 0:
                text.Append('"').Append(Pick(random, Texts)).Append('"');
                break;
            case 1:
                text.Append(Pick(random, Numbers));
                break;
            case 2:
                text.Append(Pick(random, ["true", "false"]));
                break;
            case 3:
                text.Append("null");
                break;
            case 4:
                int count = random.Next(4);
                text.Append('[');
                for (int i = 0; i < count; i++)
                {
                    if (i > 0)
                        text.Append(',');
                    Value(random, text, depth + 1);
                }

                text.Append(']');
                break;
            default:
                Object(random, text, depth + 1, Names);
                break;
        }
    }

    private static void Object(Random random, StringBuilder text, int depth, string[] names)
    {
        int count = random.Next(5);
        text.Append('{');
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
                text.Append(',');
            text.Append('"').Append(random.Next(12) == 0 ? Pick(random, Names) : Pick(random, names)).Append("\":");
            Value(random, text, depth);
        }

        text.Append('}');
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}

namespace VoiceCarnival.Sessions.Policy;

/// <summary>
/// The paths that <see cref="PolicyOptions.AllowedFields"/> can mean, by OpenAI's schemas of <c>session.update</c> and <c>response.create</c>: so that a slip of the pen, which
/// forbids what was to be allowed, can be told. A service may know more.
/// </summary>
internal static class KnownFields
{
    private static readonly HashSet<string> Paths = new(StringComparer.Ordinal)
    {
        "*", "model", "output_modalities", "instructions", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens", "reasoning", "reasoning.effort", "truncation", "prompt",
        "tracing", "include", "audio", "audio.input", "audio.input.format", "audio.input.transcription", "audio.input.noise_reduction", "audio.input.noise_reduction.type",
        "audio.input.noise_reduction.strength", "audio.input.turn_detection", "audio.output", "audio.output.format", "audio.output.voice", "audio.output.speed",
        "input", "conversation", "metadata", "item.system",
    };

    // Below these there are many, or anything.
    private static readonly string[] Open =
        ["audio.input.format.", "audio.input.transcription.", "audio.input.turn_detection.", "audio.output.format.", "audio.output.voice.", "truncation.", "prompt.", "tracing.", "tool_choice.", "metadata."];

    /// <summary>True when the path names something.</summary>
    public static bool Contains(string path) => Paths.Contains(path) || Array.Exists(Open, root => path.StartsWith(root, StringComparison.Ordinal));
}

namespace VoiceCarnival.Sessions;

/// <summary><c>VoiceCarnival:Beta</c>: callers that speak the shape the Realtime API had before GA. They are translated; engines and upstreams see GA only.</summary>
public sealed class BetaOptions
{
    private static readonly char[] Separators = [',', ' '];

    /// <summary>Serve them; otherwise they get the error <c>beta_api_shape_disabled</c>, as from OpenAI.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Beginnings of model names that went with the beta, separated by commas or spaces: a beta caller that asks for one gets the engine's own model instead of
    /// a refusal. Empty passes on whatever is asked for.
    /// </summary>
    public string RetiredModels { get; set; } = "gpt-4o-realtime-preview, gpt-4o-mini-realtime-preview";

    /// <summary>The model to ask the engine for; null for its own.</summary>
    public string? ModelFor(string? asked)
    {
        foreach (string retired in RetiredModels.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (asked?.StartsWith(retired, StringComparison.Ordinal) == true)
                return null;
        }

        return asked;
    }
}

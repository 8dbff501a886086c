using System.Text.Json;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Sessions.Policy;

internal sealed class PolicyOptionsValidator : IValidateOptions<PolicyOptions>
{
    private const string Path = "VoiceCarnival:Policy";

    public ValidateOptionsResult Validate(string? name, PolicyOptions options)
    {
        var problems = new List<string>();
        for (int i = 0; i < (options.AllowedFields?.Length ?? 0); i++)
        {
            string field = options.AllowedFields![i];
            if (field != "*" && (field.Length == 0 || field.Split('.').Any(part => part.Length == 0 || part.Contains('*', StringComparison.Ordinal))))
                problems.Add($"{Path}:AllowedFields:{i} must be a dotted path such as audio.output.voice, or * (is '{field}')");
        }

        if (!string.IsNullOrWhiteSpace(options.Tools) && ReadTools(options.Tools) is null)
            problems.Add($"{Path}:Tools must be a JSON array of tool objects, as in session.update");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>The tools; null when the text is not a JSON array of objects.</summary>
    public static JsonElement? ReadTools(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Array && document.RootElement.EnumerateArray().All(tool => tool.ValueKind == JsonValueKind.Object)
                ? document.RootElement.Clone()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

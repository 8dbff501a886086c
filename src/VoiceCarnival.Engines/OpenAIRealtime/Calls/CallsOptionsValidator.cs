using System.Text.Json;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>Checks the routes as far as that can be done before a call comes.</summary>
public sealed class CallsOptionsValidator : IValidateOptions<CallsOptions>
{
    private const string Path = "VoiceCarnival:OpenAI:Calls";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, CallsOptions options)
    {
        var problems = new List<string>();
        for (int i = 0; i < options.Routes.Count; i++)
        {
            var route = options.Routes[i];
            foreach (var (header, pattern) in route.Match)
            {
                if (HeaderPattern.TryParse(pattern, out string? problem) is null)
                    problems.Add($"{Path}:Routes:{i}:Match:{header} is not a regular expression that can be used here: {problem}");
            }

            if (i < options.Routes.Count - 1 && route.Match.Count == 0)
                problems.Add($"{Path}:Routes:{i} matches every call, so the routes after it are never reached; move it to the end");
            if (route.Action != CallAction.Accept && route.Greeting is not null)
                problems.Add($"{Path}:Routes:{i}:Greeting is for routes whose Action is accept");
            if (!string.IsNullOrWhiteSpace(route.Tools) && !IsArrayOfObjects(route.Tools))
                problems.Add($"{Path}:Routes:{i}:Tools must be a JSON array of tool objects, as in session.update");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsArrayOfObjects(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Array && document.RootElement.EnumerateArray().All(tool => tool.ValueKind == JsonValueKind.Object);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

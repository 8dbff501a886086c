using Microsoft.Extensions.Options;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>Chooses a route for a phone call by its SIP headers.</summary>
internal sealed class CallRouter
{
    private readonly (CallRoute Route, (string Header, HeaderPattern Pattern)[] Patterns)[] _routes;
    private readonly CallRoute _default;

    /// <summary>Reads the routes once; they were checked at the start.</summary>
    public CallRouter(IOptions<CallsOptions> options)
        : this(options.Value)
    {
    }

    internal CallRouter(CallsOptions options)
    {
        _default = new CallRoute { Name = "default", Action = options.DefaultAction };
        _routes = [.. options.Routes.Select(route => (route, route.Match.Select(match =>
            (match.Key, HeaderPattern.TryParse(match.Value, out string? problem) ?? throw new ArgumentException(problem, nameof(options)))).ToArray()))];
    }

    /// <summary>The first route whose patterns all match, else the default.</summary>
    public CallRoute Choose(IReadOnlyList<SipHeader> headers)
    {
        foreach (var (route, patterns) in _routes)
        {
            if (Array.TrueForAll(patterns, wanted => headers.Any(header => header.Name.Equals(wanted.Header, StringComparison.OrdinalIgnoreCase) && wanted.Pattern.Matches(header.Value))))
                return route;
        }

        return _default;
    }
}

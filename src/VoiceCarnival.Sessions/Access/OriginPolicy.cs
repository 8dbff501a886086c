using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Access;

/// <summary>
/// Which pages may call us from a browser: our own and those of the configured origins. Requests without <c>Origin</c> do not come from a page.
/// WebSockets are not subject to CORS, so their endpoint has to ask here itself.
/// </summary>
public sealed class OriginPolicy(IOptions<AccessOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins.Select(o => o.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the operator allows this origin beside our own.</summary>
    public bool IsConfigured(string origin) => _allowed.Contains("*") || _allowed.Contains(origin);

    /// <summary>Null when the request may go on, else the refusal (403).</summary>
    /// <param name="request">The request.</param>
    /// <param name="isLoopback">Caller and server are the same machine: then pages that this machine itself serves may call too.</param>
    public SessionRefusal? Check(HttpRequest request, bool isLoopback = false)
    {
        string origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || IsConfigured(origin) || IsSame(origin, request) || (isLoopback && IsLoopback(origin)))
            return null;
        return new SessionRefusal(403, RealtimeError.Invalid("origin_not_allowed",
            "Pages of this origin may not call this server. Its operator can add the origin to VoiceCarnival:Access:AllowedOrigins."));
    }

    internal static bool IsOrigin(string value) =>
        value == "*" || (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.PathAndQuery == "/" && uri.Fragment.Length == 0
            && uri.UserInfo.Length == 0 && (uri.Host.Length > 0) && !value.Contains('*', StringComparison.Ordinal));

    private static bool IsLoopback(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.IsLoopback && page.Scheme is "http" or "https";

    // The scheme is left out: behind a proxy that ends TLS ours is http while the page's is https.
    private static bool IsSame(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && page.Host.Trim('[', ']').Equals(request.Host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && (request.Host.Port is { } port ? page.Port == port : page.IsDefaultPort);
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace VoiceCarnival.Sessions.Access;

/// <summary>What an HTTP request tells about its caller, read the same way for every endpoint and transport.</summary>
public static class HttpCaller
{
    private const string Bearer = "Bearer ";
    private const string KeySubprotocol = "openai-insecure-api-key.";
    private static readonly string[] ForwardingHeaders = ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"];

    /// <summary>The key that was sent: bearer token, <c>api-key</c> header (as Azure's clients do) or browser subprotocol; null when there is none.</summary>
    public static string? KeyOf(HttpContext context) => NullIfEmpty(KeysOf(context).FirstOrDefault() ?? "");

    /// <summary>All keys that were sent, in the order in which they count.</summary>
    public static IEnumerable<string> KeysOf(HttpContext context)
    {
        var headers = context.Request.Headers;
        foreach (string? value in headers.Authorization)
        {
            if (value is not null && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
                yield return value[Bearer.Length..].Trim();
        }

        foreach (string? value in headers["api-key"])
            yield return value?.Trim() ?? "";
        foreach (string protocol in headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (protocol.StartsWith(KeySubprotocol, StringComparison.Ordinal))
                yield return protocol[KeySubprotocol.Length..];
        }
    }

    /// <summary>True when a key has the form of a JSON Web Token: base64url of a JSON object, a dot, more.</summary>
    public static bool IsToken([NotNullWhen(true)] string? key) =>
        key is not null && key.StartsWith("ey", StringComparison.Ordinal) && key.Contains('.', StringComparison.Ordinal);

    /// <summary>
    /// True when caller and server are the same machine: both ends are loopback addresses, nobody in between forwarded the request, and it was addressed to a
    /// loopback name. The last keeps out pages whose own name was pointed at 127.0.0.1, the one before it keeps a reverse proxy on this machine from
    /// making everyone local.
    /// </summary>
    public static bool IsLoopback(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(Unmapped(remote)))
            return false;
        if (context.Connection.LocalIpAddress is not { } local || !IPAddress.IsLoopback(Unmapped(local)))
            return false;
        foreach (string header in ForwardingHeaders)
        {
            if (context.Request.Headers.ContainsKey(header))
                return false;
        }

        string host = context.Request.Host.Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string? NullIfEmpty(string value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}

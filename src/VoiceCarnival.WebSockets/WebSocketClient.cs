using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.WebSockets;

/// <summary>Opens lines as a client (RFC 6455, section 4.1), over HTTP/1.1 with whatever TLS, proxy and name resolution the HTTP handler does.</summary>
public static class WebSocketClient
{
    private const string AcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int LongestErrorBody = 16 * 1024;

    /// <summary>What the server's <c>Sec-WebSocket-Accept</c> must be for a key (section 4.2.2).</summary>
#pragma warning disable CA5350 // The protocol fixes SHA-1 here; nothing depends on its strength.
    public static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptGuid)));
#pragma warning restore CA5350

    /// <summary>Opens a connection.</summary>
    /// <param name="http">Sends the handshake.</param>
    /// <param name="uri"><c>ws</c> or <c>wss</c>.</param>
    /// <param name="headers">Headers beside those of the handshake.</param>
    /// <param name="subprotocol">Offered to the server, several separated by commas; null for none. The server may choose none.</param>
    /// <param name="cancellationToken">Bounds the handshake.</param>
    /// <exception cref="WebSocketRefusedException">The server answered with something else than 101.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached, or its handshake is wrong.</exception>
    public static async Task<Stream> ConnectAsync(
        HttpMessageInvoker http, Uri uri, IEnumerable<KeyValuePair<string, string>> headers, string? subprotocol, CancellationToken cancellationToken)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(uri) { Scheme = uri.Scheme == "wss" ? "https" : "http", Port = uri.Port }.Uri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        if (subprotocol is not null)
            request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", subprotocol);

        var response = await http.SendAsync(request, cancellationToken);
        try
        {
            if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
                throw new WebSocketRefusedException(response.StatusCode, response.Headers.RetryAfter?.Delta, await ReadErrorAsync(response, cancellationToken));
            if (ProblemOf(response.Headers, key, subprotocol) is { } problem)
                throw new HttpRequestException($"The server's WebSocket handshake {problem}.");
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    // Section 4.1, what the client must check of the server's answer.
    private static string? ProblemOf(HttpResponseHeaders headers, string key, string? offered)
    {
        if (!Values(headers, "Upgrade").SequenceEqual(["websocket"], StringComparer.OrdinalIgnoreCase))
            return "does not upgrade to websocket";
        if (!Values(headers, "Connection").Contains("Upgrade", StringComparer.OrdinalIgnoreCase))
            return "has no Connection: Upgrade";
        if (!Values(headers, "Sec-WebSocket-Accept").SequenceEqual([AcceptFor(key)], StringComparer.Ordinal))
            return "has a wrong Sec-WebSocket-Accept";
        if (Values(headers, "Sec-WebSocket-Extensions").Length > 0)
            return "uses an extension that was not offered";
        string[] chosen = Values(headers, "Sec-WebSocket-Protocol");
        if (chosen.Length > 1 || (chosen.Length == 1 && !Split(offered ?? "").Contains(chosen[0], StringComparer.Ordinal)))
            return "uses a subprotocol that was not offered";
        return null;
    }

    private static string[] Values(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? [.. values.SelectMany(Split)] : [];

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static async Task<byte[]> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestErrorBody];
        int length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..length];
    }
}

/// <summary>The server refused the handshake.</summary>
public sealed class WebSocketRefusedException(HttpStatusCode status, TimeSpan? retryAfter, byte[] body) : Exception($"The server answered the WebSocket handshake with {(int)status}.")
{
    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status => status;

    /// <summary>When the server wants to be asked again.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>The beginning of the answer's body.</summary>
    public ReadOnlyMemory<byte> Body => body;
}

using System.Net;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The server answered the WebSocket handshake with something else than 101.</summary>
public sealed class RealtimeHandshakeException(HttpStatusCode status, IReadOnlyDictionary<string, IEnumerable<string>>? headers, Exception cause)
    : Exception(status == default ? "The server did not answer the WebSocket handshake." : $"The server answered {(int)status} to the WebSocket handshake.", cause)
{
    /// <summary>The status of the answer; 0 when there was none.</summary>
    public HttpStatusCode Status => status;

    /// <summary>The answer's headers.</summary>
    public IReadOnlyDictionary<string, IEnumerable<string>>? Headers => headers;
}

using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>
/// Client events that were sent and whose effect was not seen yet. They are lost with an upstream that breaks, so the next one gets them again. The
/// upstream answers events of a kind in order.
/// </summary>
internal sealed class PendingRequests
{
    private const int Most = 64;
    private const int MostBytes = 256 * 1024;
    private readonly List<ClientRequest> _requests = [];
    private int _bytes;

    public int Count => _requests.Count;

    /// <summary>The requests, oldest first.</summary>
    public IReadOnlyList<ClientRequest> All => _requests;

    /// <summary>Notes an event that changes the conversation; others are not kept. Past the bound the oldest are forgotten.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="utf8Json">The event.</param>
    /// <param name="place">Where in the caller's audio it came.</param>
    public void Add(ClientEventKind kind, ReadOnlySpan<byte> utf8Json, long place)
    {
        if (kind is not (ClientEventKind.SessionUpdate or ClientEventKind.ItemCreate or ClientEventKind.ItemDelete or ClientEventKind.ItemTruncate or ClientEventKind.ResponseCreate
                or ClientEventKind.BufferCommit or ClientEventKind.BufferClear)
            || utf8Json.Length > MostBytes)
        {
            return;
        }

        _requests.Add(new ClientRequest(kind, utf8Json.ToArray(), place));
        _bytes += utf8Json.Length;
        while (_requests.Count > Most || _bytes > MostBytes)
            RemoveAt(0);
    }

    /// <summary>The effect of the oldest request of a kind was seen.</summary>
    /// <returns>That request; null when there was none.</returns>
    public ClientRequest? Acknowledge(ClientEventKind kind)
    {
        int at = _requests.FindIndex(request => request.Kind == kind);
        return at < 0 ? null : RemoveAt(at);
    }

    /// <summary>A request was refused: the one with this event id, or the oldest when the upstream names none.</summary>
    public void Refuse(string? eventId)
    {
        int at = eventId is null ? 0 : _requests.FindIndex(request => EventId(request.Event) == eventId);
        if (at >= 0 && at < _requests.Count)
            RemoveAt(at);
    }

    /// <summary>Takes all, to be sent again.</summary>
    public IReadOnlyList<ClientRequest> TakeAll()
    {
        ClientRequest[] all = [.. _requests];
        _requests.Clear();
        _bytes = 0;
        return all;
    }

    private static string? EventId(byte[] utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json);
            return document.RootElement.TryGetProperty("event_id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private ClientRequest RemoveAt(int at)
    {
        var request = _requests[at];
        _requests.RemoveAt(at);
        _bytes -= request.Event.Length;
        return request;
    }
}

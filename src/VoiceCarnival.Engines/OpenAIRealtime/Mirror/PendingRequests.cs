using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>
/// Client events that were sent and whose effect was not seen yet. They are lost with an upstream that breaks, so the next one gets them again. The
/// upstream answers events of a kind in order.
/// </summary>
internal sealed class PendingRequests
{
    private const int Most = 1000; // a whole conversation that a caller tells at once
    private const int MostBytes = 1024 * 1024;
    private const int LongestId = 512; // the protocol's bound
    private readonly List<ClientRequest> _requests = [];
    private int _bytes;

    public int Count => _requests.Count;

    /// <summary>The requests, oldest first.</summary>
    public IReadOnlyList<ClientRequest> All => _requests;

    /// <summary>Notes an event that changes the conversation; others are not kept. Past the bound the largest are forgotten but for their ids.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="utf8Json">The event.</param>
    /// <param name="place">Where in the caller's audio it came.</param>
    public void Add(ClientEventKind kind, ReadOnlySpan<byte> utf8Json, long place)
    {
        if (kind is not (ClientEventKind.SessionUpdate or ClientEventKind.ItemCreate or ClientEventKind.ItemDelete or ClientEventKind.ItemTruncate or ClientEventKind.ResponseCreate
            or ClientEventKind.BufferCommit or ClientEventKind.BufferClear))
        {
            return;
        }

        _requests.Add(new ClientRequest(kind, utf8Json.ToArray(), place));
        _bytes += utf8Json.Length;
        if (_requests.Count > Most)
            RemoveAt(0);
        while (_bytes > MostBytes)
            ForgetLargest();
    }

    /// <summary>The effect of the oldest request of a kind was seen.</summary>
    /// <returns>That request; null when there was none or it is forgotten.</returns>
    public ClientRequest? Acknowledge(ClientEventKind kind)
    {
        int at = _requests.FindIndex(request => request.Kind == kind);
        return at >= 0 && RemoveAt(at) is { IsForgotten: false } request ? request : null;
    }

    /// <summary>A request was refused: the one with this event id, or the oldest when the upstream names none.</summary>
    public void Refuse(string? eventId)
    {
        int at = eventId is null ? 0 : _requests.FindIndex(request => EventId(request.Event) == eventId);
        if (at >= 0 && at < _requests.Count)
            RemoveAt(at);
    }

    /// <summary>Takes all, to be sent again or, where they are forgotten, to be asked for again.</summary>
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

    // It keeps its place, since the upstream's answers are told apart by their order.
    private void ForgetLargest()
    {
        int at = 0;
        for (int i = 1; i < _requests.Count; i++)
        {
            if (LengthOf(_requests[i]) > LengthOf(_requests[at]))
                at = i;
        }

        var request = _requests[at];
        _bytes -= request.Event.Length;
        string? id = EventId(request.Event) is { Length: <= LongestId } known ? known : null;
        _requests[at] = request with { Event = EventJson.Bytes(new JsonObject { ["event_id"] = id }), IsForgotten = true };
    }

    private ClientRequest RemoveAt(int at)
    {
        var request = _requests[at];
        _requests.RemoveAt(at);
        _bytes -= LengthOf(request);
        return request;
    }

    private static int LengthOf(in ClientRequest request) => request.IsForgotten ? 0 : request.Event.Length;
}

using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Input;

/// <summary>What the caller sends beside audio while no upstream is there, in order. Past its bound events are refused.</summary>
internal sealed class HeldEvents
{
    private const int MostBytes = 1024 * 1024;
    private readonly List<ClientRequest> _events = [];
    private int _bytes;

    /// <summary>Any event but an append.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="utf8Json">The event.</param>
    /// <param name="place">Where in the caller's audio it came.</param>
    /// <returns>False when there is no room for it.</returns>
    public bool TryAdd(ClientEventKind kind, ReadOnlySpan<byte> utf8Json, long place)
    {
        if (_bytes + utf8Json.Length > MostBytes)
            return false;
        _bytes += utf8Json.Length;
        _events.Add(new ClientRequest(kind, utf8Json.ToArray(), place));
        return true;
    }

    /// <summary>One of them asks for an answer in the conversation.</summary>
    public bool AskForAnswer => _events.Exists(static held => held.AsksForAnswer);

    /// <summary>Takes all, oldest first.</summary>
    public IReadOnlyList<ClientRequest> TakeAll()
    {
        ClientRequest[] all = [.. _events];
        _events.Clear();
        _bytes = 0;
        return all;
    }
}

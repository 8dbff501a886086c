using System.Buffers;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>The sidebands of one call, and the state of its session that a new one is told. Guarded by the session's lock.</summary>
internal sealed class Sidebands
{
    /// <summary>Sidebands that one call has at most.</summary>
    public const int Most = 8;

    private readonly List<Sideband> _all = [];
    private byte[]? _state;
    private (string Type, byte[] Event)? _standing;

    public int Count => _all.Count;

    /// <summary>Passes an event of the engine on.</summary>
    public void Write(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (type is ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated)
            _state = utf8Json.ToArray();
        foreach (var sideband in _all)
            sideband.Write(type, utf8Json);
    }

    /// <summary>Keeps an event of ours for sidebands to come.</summary>
    public void Remember(string type, ReadOnlySpan<byte> utf8Json) => _standing = (type, utf8Json.ToArray());

    /// <summary>Adds one and tells it the session's present state as <c>session.created</c>, which official clients wait for, and what we announced of how things stand.</summary>
    public bool TryAdd(Sideband sideband)
    {
        if (_all.Count >= Most)
            return false;
        _all.Add(sideband);
        if (_state is not null && Created(_state) is { } created)
            sideband.Write(ServerEventTypes.SessionCreated, created);
        if (_standing is { } standing)
            sideband.Write(standing.Type, standing.Event);
        return true;
    }

    public bool Remove(Sideband sideband) => _all.Remove(sideband);

    /// <summary>Takes all out, to be closed outside the lock.</summary>
    public Sideband[] TakeAll()
    {
        Sideband[] all = [.. _all];
        _all.Clear();
        return all;
    }

    private static byte[]? Created(byte[] state)
    {
        try
        {
            using var document = JsonDocument.Parse(state);
            if (!document.RootElement.TryGetProperty("session", out var session))
                return null;
            var buffer = new ArrayBufferWriter<byte>(state.Length + 64);
            using var writer = new Utf8JsonWriter(buffer);
            writer.WriteStartObject();
            writer.WriteString("type", ServerEventTypes.SessionCreated);
            writer.WriteString("event_id", RealtimeIds.New("event"));
            writer.WritePropertyName("session");
            session.WriteTo(writer);
            writer.WriteEndObject();
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null; // an engine that sends something else has no state to tell
        }
    }
}

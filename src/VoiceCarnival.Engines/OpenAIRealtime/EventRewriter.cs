using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// Keeps what the caller knows valid across upstreams: ids of the new one become those of the old in events down, and back in events up; positions in
/// the input audio go on counting.
/// </summary>
internal sealed class EventRewriter
{
    private readonly Dictionary<string, string> _callersId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _upstreamsId = new(StringComparer.Ordinal);

    /// <summary>Milliseconds of the caller's audio before the first that the present upstream got.</summary>
    public long AudioOffset { get; set; }

    /// <summary>From now on the upstream's id stands for the one that the caller knows.</summary>
    public void Map(string upstreamsId, string callersId)
    {
        if (upstreamsId == callersId || upstreamsId.Length == 0)
            return;
        if (_upstreamsId.Remove(callersId, out string? former))
            _callersId.Remove(former);
        _callersId[upstreamsId] = callersId;
        _upstreamsId[callersId] = upstreamsId;
    }

    /// <summary>Another upstream knows none of the former one's ids.</summary>
    public void Clear()
    {
        _callersId.Clear();
        _upstreamsId.Clear();
    }

    /// <summary>An event from the upstream as the caller should see it; null when it may pass as it is.</summary>
    public byte[]? Down(ReadOnlyMemory<byte> utf8Json) => Rewrite(utf8Json, _callersId, AudioOffset);

    /// <summary>An event from the caller as the upstream should see it; null when it may pass as it is.</summary>
    public byte[]? Up(ReadOnlyMemory<byte> utf8Json) => Rewrite(utf8Json, _upstreamsId, 0);

    private static byte[]? Rewrite(ReadOnlyMemory<byte> utf8Json, Dictionary<string, string> ids, long offset)
    {
        bool isConcerned = offset != 0 && utf8Json.Span.IndexOf("\"audio_"u8) >= 0;
        foreach (var (id, _) in ids)
            isConcerned = isConcerned || Contains(utf8Json.Span, id);
        if (!isConcerned)
            return null;
        try
        {
            if (JsonNode.Parse(utf8Json.Span) is not JsonObject e)
                return null;
            if (offset != 0 && ((string?)e["type"])?.StartsWith("input_audio_buffer.", StringComparison.Ordinal) == true)
            {
                Shift(e, "audio_start_ms", offset);
                Shift(e, "audio_end_ms", offset);
            }

            Replace(e, ids);
            return Encoding.UTF8.GetBytes(e.ToJsonString());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static bool Contains(ReadOnlySpan<byte> utf8Json, string id)
    {
        Span<byte> utf8 = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes(id, utf8, out int length) ? utf8Json.IndexOf(utf8[..length]) >= 0 : utf8Json.IndexOf(Encoding.UTF8.GetBytes(id)) >= 0;
    }

    private static void Shift(JsonObject e, string name, long offset)
    {
        if (e[name] is JsonValue value && value.TryGetValue(out double at))
            e[name] = JsonNode.Parse((at + offset).ToString("0", CultureInfo.InvariantCulture));
    }

    private static void Replace(JsonObject node, Dictionary<string, string> ids)
    {
        foreach (var (name, value) in node.ToArray())
        {
            if (value is JsonObject inner)
                Replace(inner, ids);
            else if (value is JsonArray array)
                array.OfType<JsonObject>().ToList().ForEach(element => Replace(element, ids));
            else if ((name == "id" || name.EndsWith("_id", StringComparison.Ordinal)) && value is JsonValue text && text.TryGetValue(out string? id) && ids.TryGetValue(id, out string? other))
                node[name] = other;
        }
    }
}

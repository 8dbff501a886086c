using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Spend;

/// <summary>What one session has cost so far, by the usage that its engine reports. Calls come one at a time, under the session's lock.</summary>
/// <param name="prices">The operator's prices.</param>
/// <param name="model">The model until the engine names it.</param>
/// <param name="charge">Takes every new cost, in USD, with the name under which its model is in the table.</param>
internal sealed class SessionSpend(PriceTable prices, string? model, Action<decimal, string> charge)
{
    private string? _model = model;
    private string? _transcriptionModel;
    private long _nanoDollars;

    /// <summary>The engine has announced the session.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>USD; may be read at any time.</summary>
    public decimal Total => Interlocked.Read(ref _nanoDollars) / 1_000_000_000m;

    /// <summary>Looks at an engine's event; those that cost nothing pass at the price of a comparison.</summary>
    public void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        switch (type)
        {
            case ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated:
                Read(utf8Json, Follow);
                break;
            case ServerEventTypes.ResponseDone:
                Read(utf8Json, e => Add(Get(Get(e, "response"), "usage"), _model));
                break;
            case ServerEventTypes.TranscriptionCompleted:
                Read(utf8Json, e => Add(Get(e, "usage"), _transcriptionModel));
                break;
        }
    }

    private void Follow(JsonElement e)
    {
        HasBegun = true;
        var session = Get(e, "session");
        _model = Text(Get(session, "model")) ?? _model;
        _transcriptionModel = Text(Get(Get(Get(Get(session, "audio"), "input"), "transcription"), "model")) ?? _transcriptionModel;
    }

    private void Add(JsonElement usage, string? model)
    {
        var (name, price) = prices.Find(model);
        decimal cost = UsageCost.Of(usage, price);
        if (cost <= 0)
            return;
        Interlocked.Add(ref _nanoDollars, (long)(cost * 1_000_000_000m));
        charge(cost, name);
    }

    private static void Read(ReadOnlySpan<byte> utf8Json, Action<JsonElement> read)
    {
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (JsonDocument.TryParseValue(ref reader, out var document))
            {
                using (document)
                    read(document.RootElement);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // An engine's event that cannot be read costs nothing.
        }
    }

    private static JsonElement Get(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using System.Globalization;

namespace VoiceCarnival.Sessions.Spend;

/// <summary>Prices by model name.</summary>
public sealed class PriceTable
{
    /// <summary>The name under which models without a price of their own are counted.</summary>
    public const string Other = "other";

    private readonly Dictionary<string, ModelPrice> _prices;
    private readonly (string Name, ModelPrice Price) _others;

    /// <summary>Takes the prices over.</summary>
    /// <param name="prices">By model.</param>
    /// <param name="own">Where an engine answers by itself, its own models, the default first: other names cost as much as that one. Null: they cost as much as the dearest.</param>
    public PriceTable(IReadOnlyDictionary<string, ModelPrice> prices, IReadOnlyList<string>? own = null)
    {
        _prices = new Dictionary<string, ModelPrice>(StringComparer.OrdinalIgnoreCase);
        foreach (var (model, price) in prices)
        {
            if (own?.Contains(model, StringComparer.OrdinalIgnoreCase) != false)
                _prices[model] = price;
        }

        _others = own is [var name, ..] ? (name, _prices.GetValueOrDefault(name) ?? new ModelPrice()) : (Other, Dearest());
    }

    /// <summary>
    /// The price of a model, or of the one whose dated snapshot it is (<c>gpt-realtime-2.1-2026-05-06</c>). A model that is not in the table costs as much as the dearest:
    /// a limit must not be passed because a name is new.
    /// </summary>
    public (string Name, ModelPrice Price) Find(string? model)
    {
        if (model is null)
            return _others;
        if (_prices.TryGetValue(model, out var price))
            return (model, price);
        string undated = WithoutDate(model);
        return _prices.TryGetValue(undated, out price) ? (undated, price) : _others;
    }

    private ModelPrice Dearest() => new()
    {
        TextIn = Most(price => price.TextIn),
        TextCached = Most(price => price.TextCached),
        TextOut = Most(price => price.TextOut),
        AudioIn = Most(price => price.AudioIn),
        AudioCached = Most(price => price.AudioCached),
        AudioOut = Most(price => price.AudioOut),
        ImageIn = Most(price => price.ImageIn),
        ImageCached = Most(price => price.ImageCached),
        PerMinute = Most(price => price.PerMinute),
    };

    private decimal Most(Func<ModelPrice, decimal> part) => _prices.Values.Select(part).DefaultIfEmpty().Max();

    // A snapshot's name ends with its day, -2026-05-06.
    private static string WithoutDate(string model)
    {
        int dash = model.Length - "-2026-05-06".Length;
        return dash > 0 && model[dash] == '-' && DateOnly.TryParseExact(model.AsSpan(dash + 1), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? model[..dash] : model;
    }
}

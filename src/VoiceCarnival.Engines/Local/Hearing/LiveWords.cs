namespace VoiceCarnival.Engines.Local.Hearing;

/// <summary>Words of a turn that is still being spoken. A recogniser changes its mind, and what was told cannot be taken back: a word is told once it has stood twice with another after it.</summary>
internal sealed class LiveWords
{
    private string _before = string.Empty;
    private int _standing;

    /// <summary>The item they are of; null before the first.</summary>
    public string? ItemId { get; private set; }

    /// <summary>All that is understood so far; null before the first word.</summary>
    public string? Hypothesis { get; private set; }

    /// <summary>What was told.</summary>
    public string Told { get; private set; } = string.Empty;

    /// <summary>Takes the newest hypothesis.</summary>
    public void Take(string itemId, string text)
    {
        ItemId = itemId;
        Hypothesis = text;
        int same = _before.AsSpan().CommonPrefixLength(text);
        _before = text;
        // Up to the last word that both have whole.
        _standing = Math.Max(0, text.AsSpan(0, same).LastIndexOf(' '));
    }

    /// <summary>What can be told now, beyond what was; it counts as told from now on.</summary>
    public string Tell()
    {
        if (Hypothesis is not { } text || _standing <= Told.Length || !text.StartsWith(Told, StringComparison.Ordinal))
            return string.Empty;
        string news = text[Told.Length.._standing];
        Told = text[.._standing];
        return news;
    }

    public void Clear()
    {
        ItemId = null;
        Hypothesis = null;
        Told = _before = string.Empty;
        _standing = 0;
    }
}

using System.Text.Json;

namespace VoiceCarnival.Sessions.Spend;

/// <summary>What a <c>usage</c> object costs (API reference: <c>response.done</c>, <c>…input_audio_transcription.completed</c>).</summary>
public static class UsageCost
{
    private const long MostTokens = 1_000_000_000; // beyond what any response can have: an upstream's nonsense stays harmless
    private const decimal Million = 1_000_000;

    /// <summary>USD. What is missing or is no number counts as zero; a number below zero, too.</summary>
    /// <param name="usage">The object; anything else costs nothing.</param>
    /// <param name="price">The model's.</param>
    public static decimal Of(JsonElement usage, ModelPrice price)
    {
        if (usage.ValueKind != JsonValueKind.Object)
            return 0;
        decimal minutes = Seconds(usage) / 60;
        return (Input(usage, price) + Output(usage, price)) / Million + minutes * price.PerMinute;
    }

    private static decimal Input(JsonElement usage, ModelPrice price)
    {
        var details = Get(usage, "input_token_details");
        long text = Tokens(details, "text_tokens"), audio = Tokens(details, "audio_tokens"), image = Tokens(details, "image_tokens");

        // Cached tokens are among those of their kind. Where a service does not say of which kind they are, we assume the kind that saves least.
        var cached = Get(details, "cached_tokens_details");
        long left = Tokens(details, "cached_tokens");
        bool isTold = cached.ValueKind == JsonValueKind.Object;
        long cachedText = Take(text, "text_tokens"), cachedImage = Take(image, "image_tokens"), cachedAudio = Take(audio, "audio_tokens");

        // Tokens of no kind cost as much as the dearest.
        long untold = Math.Max(0, Tokens(usage, "input_tokens") - text - audio - image);
        return (text - cachedText) * price.TextIn + cachedText * price.TextCached
            + (image - cachedImage) * price.ImageIn + cachedImage * price.ImageCached
            + (audio - cachedAudio) * price.AudioIn + cachedAudio * price.AudioCached
            + untold * Math.Max(price.TextIn, Math.Max(price.AudioIn, price.ImageIn));

        long Take(long all, string kind)
        {
            long taken = Math.Min(all, isTold ? Tokens(cached, kind) : left);
            left -= isTold ? 0 : taken;
            return taken;
        }
    }

    private static decimal Output(JsonElement usage, ModelPrice price)
    {
        var details = Get(usage, "output_token_details");
        long text = Tokens(details, "text_tokens"), audio = Tokens(details, "audio_tokens");
        long untold = Math.Max(0, Tokens(usage, "output_tokens") - text - audio);
        // Transcription tells no kinds: all of it is text.
        decimal dearest = details.ValueKind == JsonValueKind.Object || price.AudioOut == 0 ? price.TextOut : Math.Max(price.TextOut, price.AudioOut);
        return text * price.TextOut + audio * price.AudioOut + untold * dearest;
    }

    private static JsonElement Get(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) ? value : default;

    private static long Tokens(JsonElement from, string name) =>
        Get(from, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double tokens) ? (long)Math.Clamp(tokens, 0, MostTokens) : 0;

    private static decimal Seconds(JsonElement usage) =>
        Get(usage, "seconds") is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double seconds) ? (decimal)Math.Clamp(seconds, 0, MostTokens) : 0;
}

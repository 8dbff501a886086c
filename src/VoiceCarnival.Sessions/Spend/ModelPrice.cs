namespace VoiceCarnival.Sessions.Spend;

/// <summary>What one model costs: USD per million tokens, or per minute of audio for models that are billed by time. What is not set costs nothing.</summary>
public sealed class ModelPrice
{
    /// <summary>Text in.</summary>
    public decimal TextIn { get; set; }

    /// <summary>Text in that the service still had from before, in place of <see cref="TextIn"/>.</summary>
    public decimal TextCached { get; set; }

    /// <summary>Text out.</summary>
    public decimal TextOut { get; set; }

    /// <summary>Audio in.</summary>
    public decimal AudioIn { get; set; }

    /// <summary>Audio in that the service still had from before, in place of <see cref="AudioIn"/>.</summary>
    public decimal AudioCached { get; set; }

    /// <summary>Audio out.</summary>
    public decimal AudioOut { get; set; }

    /// <summary>Images in.</summary>
    public decimal ImageIn { get; set; }

    /// <summary>Images in that the service still had from before, in place of <see cref="ImageIn"/>.</summary>
    public decimal ImageCached { get; set; }

    /// <summary>One minute of audio.</summary>
    public decimal PerMinute { get; set; }

    /// <summary>
    /// The prices of OpenAI's model pages, November 2026. Those of <c>gpt-realtime</c>, <c>gpt-realtime-mini</c>, <c>gpt-4o-transcribe</c>, <c>gpt-4o-mini-transcribe</c> and
    /// <c>whisper-1</c>, which are all to be shut down, are from 2025 and could not be checked since.
    /// </summary>
    public static Dictionary<string, ModelPrice> Defaults() => new(StringComparer.OrdinalIgnoreCase)
    {
        ["gpt-realtime-2.1"] = new() { TextIn = 4, TextCached = 0.40m, TextOut = 24, AudioIn = 32, AudioCached = 0.40m, AudioOut = 64, ImageIn = 5, ImageCached = 0.50m },
        ["gpt-realtime-2.1-mini"] = new() { TextIn = 0.60m, TextCached = 0.06m, TextOut = 2.40m, AudioIn = 10, AudioCached = 0.30m, AudioOut = 20, ImageIn = 0.80m, ImageCached = 0.08m },
        ["gpt-realtime-2"] = new() { TextIn = 4, TextCached = 0.40m, TextOut = 24, AudioIn = 32, AudioCached = 0.40m, AudioOut = 64, ImageIn = 5, ImageCached = 0.50m },
        ["gpt-realtime-1.5"] = new() { TextIn = 4, TextCached = 0.40m, TextOut = 16, AudioIn = 32, AudioCached = 0.40m, AudioOut = 64, ImageIn = 5, ImageCached = 0.50m },
        ["gpt-realtime"] = new() { TextIn = 4, TextCached = 0.40m, TextOut = 16, AudioIn = 32, AudioCached = 0.40m, AudioOut = 64, ImageIn = 5, ImageCached = 0.50m },
        ["gpt-realtime-mini"] = new() { TextIn = 0.60m, TextCached = 0.06m, TextOut = 2.40m, AudioIn = 10, AudioCached = 0.30m, AudioOut = 20, ImageIn = 0.80m, ImageCached = 0.08m },
        ["gpt-realtime-translate"] = new() { PerMinute = 0.034m },
        ["gpt-realtime-whisper"] = new() { PerMinute = 0.017m },
        ["gpt-live-transcribe"] = new() { PerMinute = 0.017m },
        ["gpt-4o-transcribe"] = new() { TextIn = 2.50m, TextOut = 10, AudioIn = 6 },
        ["gpt-4o-mini-transcribe"] = new() { TextIn = 1.25m, TextOut = 5, AudioIn = 3 },
        ["whisper-1"] = new() { PerMinute = 0.006m },
        ["voicecarnival-local"] = new(),
    };
}

namespace VoiceCarnival.Sessions;

/// <summary>Identity of one audio content part of one assistant item, and how far it got.</summary>
public sealed class OutputAudioItem
{
    /// <summary>Counts items with audio in this session from 1; names the item in binary frames.</summary>
    public required uint Ordinal { get; init; }

    /// <summary><c>item_…</c></summary>
    public required string ItemId { get; init; }

    /// <summary><c>resp_…</c></summary>
    public required string ResponseId { get; init; }

    /// <summary>Place of the item in its response.</summary>
    public required int OutputIndex { get; init; }

    /// <summary>Place of the audio part in the item.</summary>
    public required int ContentIndex { get; init; }

    /// <summary>Wire format of the audio, such as <c>audio/pcm</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Samples per second.</summary>
    public required int SampleRate { get; init; }

    /// <summary>Samples handed to the caller's connection so far.</summary>
    public long SentSamples { get; set; }

    /// <summary>Samples that the caller has heard, by its playout clock, as far as it told us.</summary>
    public long HeardSamples { get; set; }

    /// <summary>No more of it comes. Known to the connection that plays it out in its time, and to the one that takes over from there.</summary>
    public bool IsDone { get; set; }

    /// <summary>The same of its response.</summary>
    public bool IsResponseDone { get; set; }
}

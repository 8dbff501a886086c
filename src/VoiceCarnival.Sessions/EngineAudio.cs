namespace VoiceCarnival.Sessions;

/// <summary>A piece of one item's output audio, on its way to the caller.</summary>
public readonly ref struct EngineAudio
{
    /// <summary>Whose audio this is.</summary>
    public required OutputAudioItem Item { get; init; }

    /// <summary>Position of the first sample in the item's audio, at the format's rate.</summary>
    public required long SampleOffset { get; init; }

    /// <summary>Number of samples in this piece.</summary>
    public required int SampleCount { get; init; }

    /// <summary>The audio in the session's output format; empty when only <see cref="Event"/> is filled.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The <c>response.output_audio.delta</c> event as the upstream wrote it, when there is one: JSON callers get it untouched.</summary>
    public ReadOnlySpan<byte> Event { get; init; }

    /// <summary>The base64 text within <see cref="Event"/>, for callers that take bytes.</summary>
    public ReadOnlySpan<byte> Base64 { get; init; }
}

using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>One item of a conversation: a message, a function call, its output, or an MCP item kept as the caller wrote it.</summary>
public sealed class ConversationItem
{
    /// <summary><c>item_…</c>, or the caller's own choice.</summary>
    public required string Id { get; init; }

    /// <summary><c>message</c>, <c>function_call</c>, <c>function_call_output</c>, or an <c>mcp_…</c> type.</summary>
    public required string Type { get; init; }

    /// <summary><c>in_progress</c>, <c>completed</c> or <c>incomplete</c>.</summary>
    public string Status { get; set; } = "completed";

    /// <summary><c>user</c>, <c>assistant</c> or <c>system</c>; messages only.</summary>
    public string? Role { get; init; }

    /// <summary>Parts of a message.</summary>
    public List<ContentPart> Content { get; init; } = [];

    /// <summary>Function name; function calls only.</summary>
    public string? Name { get; init; }

    /// <summary>Ties a function call to its output.</summary>
    public string? CallId { get; init; }

    /// <summary>JSON text of the arguments; function calls only.</summary>
    public string? Arguments { get; set; }

    /// <summary>Result; function call outputs only.</summary>
    public string? Output { get; init; }

    /// <summary>The item that an <c>mcp_approval_response</c> answers; null for all else.</summary>
    public string? ApprovalRequestId { get; init; }

    /// <summary>The caller's own JSON for item types that are only carried; undefined otherwise.</summary>
    public JsonElement Raw { get; init; }

    /// <summary>Bytes of audio held by this item.</summary>
    public int AudioBytes => Content.Sum(part => part.Audio.Length);

    /// <summary>All text of a message: typed text and transcripts, in order.</summary>
    public string Text => string.Join(' ', Content.Select(part => part.Text ?? part.Transcript).Where(text => !string.IsNullOrEmpty(text)));
}

/// <summary>One part of a message.</summary>
public sealed class ContentPart
{
    /// <summary><c>input_text</c>, <c>input_audio</c>, <c>input_image</c>, <c>output_text</c> or <c>output_audio</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Text of a text part.</summary>
    public string? Text { get; set; }

    /// <summary>What was said in an audio part, where known.</summary>
    public string? Transcript { get; set; }

    /// <summary>Audio bytes in <see cref="AudioFormat"/>; empty when there is none or it is no longer kept.</summary>
    public ReadOnlyMemory<byte> Audio { get; set; }

    /// <summary>Wire format of <see cref="Audio"/>.</summary>
    public string AudioFormat { get; init; } = "audio/pcm";

    /// <summary>Length of the audio in milliseconds, also when the bytes are gone.</summary>
    public long AudioMilliseconds { get; set; }

    /// <summary>Where the words of <see cref="Transcript"/> are in the audio, in order; null where that is not known.</summary>
    public List<TranscriptWord>? Words { get; set; }

    /// <summary>Where the caller cut audio that was still being spoken, ms; null when it did not.</summary>
    public int? TruncatedAt { get; set; }

    /// <summary>Data URI or URL of an image.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Detail of an image: auto, low or high.</summary>
    public string? Detail { get; init; }
}

/// <summary>A word of a transcript.</summary>
/// <param name="End">Index in the transcript just past it.</param>
/// <param name="HeardAtMs">From here in the audio on it counts as heard, ms.</param>
public readonly record struct TranscriptWord(int End, long HeardAtMs);

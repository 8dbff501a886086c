using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>The session object of the Realtime GA protocol with its defaults (API reference, "session"). Immutable: an update makes a new one.</summary>
public sealed record RealtimeSession
{
    /// <summary>The service's own instructions when the caller sets none.</summary>
    public const string DefaultInstructions = "You are a helpful voice agent. Keep your answers short.";

    /// <summary><c>sess_…</c></summary>
    public required string Id { get; init; }

    /// <summary><c>realtime</c> or <c>transcription</c>; never changes.</summary>
    public string Type { get; init; } = "realtime";

    /// <summary>The model, fixed when the session opens.</summary>
    public required string Model { get; init; }

    /// <summary>Unix seconds at which the session ends.</summary>
    public long ExpiresAt { get; init; }

    /// <summary><c>audio</c> or <c>text</c>.</summary>
    public string OutputModality { get; init; } = "audio";

    /// <summary>System prompt; empty when cleared.</summary>
    public string Instructions { get; init; } = DefaultInstructions;

    /// <summary><c>audio.input</c></summary>
    public AudioInputSettings Input { get; init; } = new();

    /// <summary><c>audio.output</c></summary>
    public AudioOutputSettings Output { get; init; } = new();

    /// <summary>Tool definitions as the caller wrote them.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary><c>auto</c>, <c>none</c>, <c>required</c> or an object; undefined means <c>auto</c>.</summary>
    public JsonElement ToolChoice { get; init; }

    /// <summary>Null when the caller never said.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>Null means <c>inf</c>.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Null when the caller never said.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary><c>auto</c>, <c>disabled</c> or an object; undefined means <c>auto</c>.</summary>
    public JsonElement Truncation { get; init; }

    /// <summary>Reusable prompt reference as the caller wrote it; undefined for none.</summary>
    public JsonElement Prompt { get; init; }

    /// <summary><c>auto</c> or an object; undefined means off.</summary>
    public JsonElement Tracing { get; init; }

    /// <summary>Extra outputs asked for.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>True for sessions that only transcribe.</summary>
    public bool IsTranscription => Type == "transcription";
}

/// <summary><c>audio.input</c></summary>
public sealed record AudioInputSettings
{
    /// <summary><c>audio/pcm</c> (24 kHz), <c>audio/pcmu</c> or <c>audio/pcma</c> (8 kHz).</summary>
    public string Format { get; init; } = "audio/pcm";

    /// <summary>Transcription settings as the caller wrote them; undefined means off.</summary>
    public JsonElement Transcription { get; init; }

    /// <summary>Noise reduction as the caller wrote it; undefined means off.</summary>
    public JsonElement NoiseReduction { get; init; }

    /// <summary>Null is push-to-talk.</summary>
    public TurnDetectionSettings? TurnDetection { get; init; } = new();
}

/// <summary><c>audio.output</c></summary>
public sealed record AudioOutputSettings
{
    /// <summary>As for input.</summary>
    public string Format { get; init; } = "audio/pcm";

    /// <summary>A voice name, or the id of a custom voice.</summary>
    public string Voice { get; init; } = "alloy";

    /// <summary>True when <see cref="Voice"/> is the id of a custom voice, <c>{id}</c> on the wire.</summary>
    public bool IsCustomVoice { get; init; }

    /// <summary>0.25 to 1.5.</summary>
    public double Speed { get; init; } = 1.0;
}

/// <summary><c>audio.input.turn_detection</c>, either kind.</summary>
public sealed record TurnDetectionSettings
{
    /// <summary><c>server_vad</c> or <c>semantic_vad</c>.</summary>
    public string Type { get; init; } = "server_vad";

    /// <summary>0 to 1; server_vad.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Audio kept from before the detected start, ms; server_vad.</summary>
    public int PrefixPaddingMs { get; init; } = 300;

    /// <summary>Silence that ends a turn, ms; server_vad. OpenAI's live default is 200 although its reference says 500.</summary>
    public int SilenceDurationMs { get; init; } = 200;

    /// <summary>Quiet time after which the agent speaks up, 5000 to 30000 ms; server_vad. Null is never.</summary>
    public int? IdleTimeoutMs { get; init; }

    /// <summary><c>low</c>, <c>medium</c>, <c>high</c> or <c>auto</c>; semantic_vad.</summary>
    public string Eagerness { get; init; } = "auto";

    /// <summary>Answer by itself when a turn ends.</summary>
    public bool CreateResponse { get; init; } = true;

    /// <summary>Stop the running response when the caller speaks.</summary>
    public bool InterruptResponse { get; init; } = true;

    /// <summary>True for semantic_vad.</summary>
    public bool IsSemantic => Type == "semantic_vad";
}

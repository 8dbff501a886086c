using VoiceCarnival.Audio;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>What a <see cref="Dialogue"/> starts with.</summary>
public sealed record DialogueSetup
{
    /// <summary>Session settings, with what the client secret bound merged in.</summary>
    public required RealtimeSession Session { get; init; }

    /// <summary>Who answers.</summary>
    public required IBrain Brain { get; init; }

    /// <summary>What text is spoken with; null writes it instead.</summary>
    public IVoice? Voice { get; init; }

    /// <summary>What the caller's speech is understood with; null leaves it without words.</summary>
    public IRecognizer? Recognizer { get; init; }

    /// <summary>Why there is no recogniser, as a sentence with what would change that; null says it in general.</summary>
    public string? NoRecognizerReason { get; init; }

    /// <summary>The engine's settings.</summary>
    public required LocalEngineOptions Options { get; init; }

    /// <summary>How output audio leaves.</summary>
    public required OutputPace Pace { get; init; }

    /// <summary>Makes the speech detector for an input format.</summary>
    public required Func<AudioFormat, IVoiceActivityDetector> CreateDetector { get; init; }

    /// <summary>Makes what takes noise out of an input format, where the session asks for it; null where there is nothing.</summary>
    public Func<AudioFormat, INoiseSuppressor?>? CreateSuppressor { get; init; }

    /// <summary>When the session is over, on the same clock as all other times.</summary>
    public required TimeSpan ExpiresAt { get; init; }

    /// <summary>True when the caller named the model.</summary>
    public bool ModelIsFixed { get; init; }

    /// <summary>Seeds the output jitter.</summary>
    public int Seed { get; init; }

    /// <summary>Faults at fixed times; null for none.</summary>
    public ScriptTimeline? Timeline { get; init; }
}

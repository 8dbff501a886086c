namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>How eagerly a <see cref="SpeechSegmenter"/> starts and stops.</summary>
public sealed record SpeechSegmenterOptions
{
    /// <summary>Probability from which a frame is evidence of speech, 0 to 1 (<c>server_vad</c> <c>threshold</c>).</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>How far below <see cref="Threshold"/> the probability must fall to be evidence of silence.</summary>
    public float Hysteresis { get; init; } = 0.15f;

    /// <summary>Evidence needed to start. Frames without evidence take away as much as those with it add.</summary>
    public TimeSpan Onset { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Silence in a row needed to stop (<c>silence_duration_ms</c>, if turns are cut directly from speech).</summary>
    public TimeSpan HangOver { get; init; } = TimeSpan.FromMilliseconds(160);
}

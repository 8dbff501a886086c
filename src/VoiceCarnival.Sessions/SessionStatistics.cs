using System.Globalization;

namespace VoiceCarnival.Sessions;

/// <summary>Running counts of one session, for its summary line, the metrics and the sessions list. Written under the session's lock.</summary>
public sealed class SessionStatistics
{
    /// <summary>Responses that began.</summary>
    public int Turns { get; internal set; }

    /// <summary>Responses cut off because the caller spoke.</summary>
    public int Interruptions { get; internal set; }

    /// <summary>Error events sent to the caller.</summary>
    public int Errors { get; internal set; }

    /// <summary>Bytes of events and audio from the caller.</summary>
    public long BytesIn { get; internal set; }

    /// <summary>Bytes of events and audio towards the caller, before the transport's framing.</summary>
    public long BytesOut { get; internal set; }

    /// <summary>Milliseconds of audio that was dropped for want of room.</summary>
    public long DroppedAudioMilliseconds { get; internal set; }

    /// <summary>Times a caller came back to this session.</summary>
    public int Resumptions { get; internal set; }

    /// <summary>Sum of speech end to first audio, over <see cref="MeasuredTurns"/>.</summary>
    public TimeSpan FirstAudioTotal { get; internal set; }

    /// <summary>Turns whose first audio was measured.</summary>
    public int MeasuredTurns { get; internal set; }

    /// <summary>Answers of which the engine told where their time went.</summary>
    public int StagedTurns { get; internal set; }

    /// <summary>Sum of the time that recognition took, over <see cref="StagedTurns"/>.</summary>
    public TimeSpan RecognitionTotal { get; internal set; }

    /// <summary>Sum of the time to the first text.</summary>
    public TimeSpan ThinkingTotal { get; internal set; }

    /// <summary>Sum of the time from there to the first sound that was sent.</summary>
    public TimeSpan SpeakingTotal { get; internal set; }

    /// <summary>Means of those three, for people: <c>recognition 210, thinking 3, speaking 41 ms</c>; null where the engine told nothing.</summary>
    public string? MeanStages => StagedTurns == 0 ? null : string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"recognition {RecognitionTotal.TotalMilliseconds / StagedTurns:F0}, thinking {ThinkingTotal.TotalMilliseconds / StagedTurns:F0}, speaking {SpeakingTotal.TotalMilliseconds / StagedTurns:F0} ms");

    /// <summary>Mean milliseconds from the end of the caller's speech, as detected, to the first audio of the answer; null before the first.</summary>
    public double? MeanFirstAudioMilliseconds => MeasuredTurns == 0 ? null : FirstAudioTotal.TotalMilliseconds / MeasuredTurns;

    /// <summary>That for people.</summary>
    internal string DescribeFirstAudio() => MeanFirstAudioMilliseconds is not { } mean ? "no spoken turn timed"
        : string.Create(CultureInfo.InvariantCulture, $"first audio after {mean:F0} ms on average{(MeanStages is { } stages ? $" ({stages})" : "")}");
}

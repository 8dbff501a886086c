namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>How long a <see cref="ReorderBuffer"/> waits for a packet that is missing.</summary>
public sealed class ReorderOptions
{
    /// <summary>Clock of the timestamps, in Hz.</summary>
    public required int ClockRate { get; init; }

    /// <summary>The shortest wait, from when the packet would have come on the fastest way: a line that has never delayed anything may swap two packets.</summary>
    public TimeSpan MinWait { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>The longest wait.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(240);
}

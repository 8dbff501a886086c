namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>How a <see cref="PacketBuffer"/> weighs delay against gaps.</summary>
public sealed class JitterBufferOptions
{
    /// <summary>Clock of the timestamps, in Hz.</summary>
    public required int ClockRate { get; init; }

    /// <summary>Length of a frame, and the interval at which frames are taken.</summary>
    public TimeSpan Frame { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The least delay that the buffer aims at.</summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The most delay that the buffer aims at.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(240);

    /// <summary>Missing packets in a row that are concealed; after them there is silence.</summary>
    public int MaxConceal { get; init; } = 5;
}

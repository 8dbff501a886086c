namespace VoiceCarnival.Transports.Rtp;

/// <summary>The time that all calls share, and the threads that their audio is worked on.</summary>
public abstract class MediaClock
{
    /// <summary>The length of a frame, and the interval of a call's ticks.</summary>
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    private protected MediaClock()
    {
    }

    /// <summary>The time, from any origin; never goes back.</summary>
    public abstract TimeSpan Now { get; }

    /// <summary>Ticks a task every <see cref="Frame"/> from now on, always from the same thread.</summary>
    internal abstract IMediaPlace Add(IMediaTask task);
}

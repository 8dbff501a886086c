namespace VoiceCarnival.Transports.Rtp;

/// <summary>The audio work of one call. Both members are called by one thread only, never at once, and do not throw.</summary>
internal interface IMediaTask
{
    /// <summary>A frame is due, at the latest moment that the task was promised; more than one when the thread was held up.</summary>
    void Tick(TimeSpan now);

    /// <summary>Something came for the task.</summary>
    void Work(TimeSpan now);
}

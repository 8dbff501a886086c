namespace VoiceCarnival.Transports.Rtp;

/// <summary>A call's place in the <see cref="MediaClock"/>.</summary>
internal interface IMediaPlace
{
    /// <summary>Has <see cref="IMediaTask.Work"/> called soon, by another thread than that which ticks the task, always the same one. From any thread.</summary>
    void Wake();

    /// <summary>No more ticks. One that is under way on another thread is not waited for.</summary>
    void Leave();
}

namespace VoiceCarnival.Transports.Rtp;

/// <summary>A call's place in the <see cref="MediaClock"/>.</summary>
internal interface IMediaPlace
{
    /// <summary>Has <see cref="IMediaTask.Work"/> called soon, by the thread that ticks the task. From any thread.</summary>
    void Wake();

    /// <summary>No more ticks. One that is under way on another thread is not waited for.</summary>
    void Leave();
}

namespace VoiceCarnival.Transports.Rtp;

/// <summary>The audio work of one call. Each member is called by one thread only, both perhaps at the same time, and does not throw.</summary>
internal interface IMediaTask
{
    /// <summary>A frame is due, more than one when the thread was held up: what there is to send goes out. All else is for <see cref="Work"/>, so that it delays nobody's frames.</summary>
    /// <param name="due">When it was due: whole frames after the first time, however late the call is.</param>
    /// <param name="now">The time.</param>
    void Tick(TimeSpan due, TimeSpan now);

    /// <summary>The task was woken.</summary>
    void Work(TimeSpan now);
}

namespace VoiceCarnival.Audio.NoiseReduction;

/// <summary>Takes noise out of one stream, frame by frame. Called from one thread at a time; implementations do not allocate in <see cref="Process"/>.</summary>
public interface INoiseSuppressor : IDisposable
{
    /// <summary>Samples per second of the stream.</summary>
    int SampleRate { get; }

    /// <summary>Length of every frame, in samples.</summary>
    int FrameSamples { get; }

    /// <summary>How far what comes out lags behind what goes in.</summary>
    TimeSpan Delay { get; }

    /// <summary>Takes the next frame and puts in its place what came out.</summary>
    /// <param name="frame">Exactly <see cref="FrameSamples"/> samples of PCM16.</param>
    /// <exception cref="ArgumentException">The frame has another length.</exception>
    void Process(Span<short> frame);
}

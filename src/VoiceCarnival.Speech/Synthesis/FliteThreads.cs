using System.Collections.Concurrent;
using VoiceCarnival.Audio;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>
/// As many threads as there are processors, each with an instance of flite that stays warm, which speak what they are given in the order in which it comes. They step back a little for those that move
/// audio: speech is made twenty times as fast as it is heard.
/// </summary>
internal sealed class FliteThreads
{
    private const int Niceness = 2;

    // What a long text made it grow to is given back.
    private const long MostBytesKept = 48L * 1024 * 1024;

    private readonly BlockingCollection<Action<Func<FliteInstance>>> _work = [];
    private readonly Lock _gate = new();
    private int _started;

    /// <summary>The ones that all voices share.</summary>
    public static FliteThreads Shared { get; } = new();

    /// <summary>Has a text spoken.</summary>
    /// <returns>Ends when it is spoken, or with what went wrong: see <see cref="FliteInstance.Speak"/>.</returns>
    public Task SpeakAsync(FliteVoice voice, string text, double speed, IFliteListener listener, CancellationToken cancellationToken)
    {
        Start();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(
            instance =>
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    instance().Speak(voice, text, speed, listener, cancellationToken);
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            CancellationToken.None);
        return done.Task;
    }

    /// <summary>Makes the instances, unless they are.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_started >= Environment.ProcessorCount)
                return;
            _ = FliteModule.Get();
            try
            {
                for (; _started < Environment.ProcessorCount; _started++)
                    new Thread(Run) { IsBackground = true, Name = "speech synthesiser" }.Start();
            }
            catch (OutOfMemoryException) when (_started > 0)
            {
                // As many as there is room for do; the others are tried again with the next text.
            }
        }
    }

    private void Run()
    {
        ThreadNiceness.StepBack(Niceness);
        FliteInstance? instance = null;
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work(() => instance ??= new FliteInstance());
            if (instance is { IsIntact: true, MemoryBytes: <= MostBytesKept })
                continue;
            instance?.Dispose();
            instance = null;
        }
    }
}

using System.Collections.Concurrent;
using VoiceCarnival.Audio;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>A decoder and the thread that it works on, which steps back when others want the processor: words may wait a little, sound may not.</summary>
internal sealed class DecoderThread : IDisposable
{
    private const int Niceness = 5;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Func<ISpeechDecoder> _create;
    private ISpeechDecoder? _decoder;

    /// <summary>Starts the thread; the decoder is made there with the first work.</summary>
    public DecoderThread(Func<ISpeechDecoder> create)
    {
        _create = create;
        new Thread(Run) { IsBackground = true, Name = "speech recogniser" }.Start();
    }

    /// <summary>Has something done once everything before it is; what was cancelled by then is left undone.</summary>
    /// <exception cref="InvalidDataException">The decoder cannot be made.</exception>
    public Task<T> RunAsync<T>(Func<ISpeechDecoder, T> work, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    result.SetCanceled(cancellationToken);
                    return;
                }

                try
                {
                    result.SetResult(work(_decoder ??= _create()));
                }
                catch (Exception exception)
                {
                    // One that failed in the middle of something is nothing to give to the next.
                    LetGo();
                    result.SetException(exception);
                }
            },
            CancellationToken.None);
        return result.Task;
    }

    /// <summary>Has something done once everything before it is, without the decoder.</summary>
    public void Post(Action work) => _work.Add(work);

    /// <summary>Ends the thread once everything before is done.</summary>
    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        ThreadNiceness.StepBack(Niceness);
        foreach (var work in _work.GetConsumingEnumerable())
            work();
        LetGo();
        _work.Dispose();
    }

    private void LetGo()
    {
        (_decoder as IDisposable)?.Dispose();
        _decoder = null;
    }
}

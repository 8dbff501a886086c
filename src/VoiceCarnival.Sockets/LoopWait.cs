using System.Threading.Tasks.Sources;

namespace VoiceCarnival.Sockets;

/// <summary>A read or a write that waits for its socket; used again and again, one at a time.</summary>
/// <typeparam name="TBuffer">What is to be filled or sent.</typeparam>
/// <param name="gate">The stream's lock, under which all but the completion is called.</param>
internal sealed class LoopWait<TBuffer>(Lock gate) : IValueTaskSource<int>, IValueTaskSource
    where TBuffer : struct
{
    private ManualResetValueTaskSourceCore<int> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private TBuffer _buffer;

    public bool IsUnderWay { get; private set; }

    /// <summary>What is left to be filled or sent.</summary>
    public ref TBuffer Buffer => ref _buffer;

    /// <summary>Begins to wait.</summary>
    /// <returns>The version of this wait, for its task.</returns>
    public short Begin(TBuffer buffer, CancellationToken cancellationToken)
    {
        IsUnderWay = true;
        _buffer = buffer;
        _core.Reset();
        short version = _core.Version;
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (wait, token) => ((LoopWait<TBuffer>)wait!).Cancel(token), this);
        return version;
    }

    /// <summary>The wait is over; whoever ends it completes it next, not under the lock.</summary>
    public void End()
    {
        IsUnderWay = false;
        _buffer = default;
        _cancellation.Unregister();
        _cancellation = default;
    }

    /// <summary>Lets whoever waits go on, on this thread.</summary>
    public void Complete(int result, Exception? failure)
    {
        if (failure is null)
            _core.SetResult(result);
        else
            _core.SetException(failure);
    }

    int IValueTaskSource<int>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    // Part of a write may have left: whoever cancels one gives the connection up.
    private void Cancel(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!IsUnderWay || _token != cancellationToken)
                return; // another one by now
            End();
        }

        Complete(0, new OperationCanceledException(cancellationToken));
    }
}

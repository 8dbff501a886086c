namespace VoiceCarnival.Speech.Recognition;

/// <summary>A bounded number of decoders, made when they are wanted and kept while they are.</summary>
/// <remarks>
/// Who listens while somebody speaks holds a decoder for as long as that takes, who recognises a whole utterance for a moment. So one decoder of several is never given to the former, and nobody waits for
/// the end of another's turn. Those that nobody needed for two minutes are let go of, save the one that was used last, which stays warm.
/// </remarks>
internal sealed class DecoderPool : IDisposable
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);

    // The one that was used last is at the end and taken first, so that those that are not needed come to the front.
    private readonly List<(DecoderThread Thread, long Since)> _idle = [];
    private readonly Lock _gate = new();
    private readonly Func<DecoderThread> _create;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _free;
    private readonly SemaphoreSlim _live;
    private readonly ITimer _look;
    private bool _isClosed;

    /// <param name="size">Decoders at most.</param>
    /// <param name="create">Makes one.</param>
    /// <param name="time">Clock by which they are let go of.</param>
    public DecoderPool(int size, Func<ISpeechDecoder> create, TimeProvider time)
        : this(size, () => new DecoderThread(create), time)
    {
    }

    /// <param name="size">Decoders at most.</param>
    /// <param name="create">Makes one with its thread.</param>
    /// <param name="time">Clock by which they are let go of.</param>
    public DecoderPool(int size, Func<DecoderThread> create, TimeProvider time)
    {
        (_create, _time) = (create, time);
        _free = new SemaphoreSlim(size);
        _live = new SemaphoreSlim(Math.Max(1, size - 1));
        _look = time.CreateTimer(static pool => ((DecoderPool)pool!).LetGo(), this, IdleTime, IdleTime / 4);
    }

    /// <summary>A decoder to listen with, if one is free.</summary>
    public Lease? TryTakeLive()
    {
        if (!_live.Wait(0))
            return null;
        if (_free.Wait(0))
            return Lend(isLive: true);
        _live.Release();
        return null;
    }

    /// <summary>A decoder for a whole utterance, as soon as one is free; null if that takes longer than one wants to wait.</summary>
    public async Task<Lease?> TakeAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        await _free.WaitAsync(wait, cancellationToken) ? Lend(isLive: false) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _look.Dispose();
        lock (_gate)
        {
            _isClosed = true;
            foreach (var (thread, _) in _idle)
                thread.Dispose();
            _idle.Clear();
        }
    }

    private Lease Lend(bool isLive)
    {
        try
        {
            return new Lease(this, Thread(), isLive);
        }
        catch
        {
            // No thread could be started. There may be room for it in a moment.
            Release(isLive);
            throw;
        }
    }

    private void Release(bool isLive)
    {
        _free.Release();
        if (isLive)
            _live.Release();
    }

    private DecoderThread Thread()
    {
        lock (_gate)
        {
            if (_idle.Count == 0)
                return _create();
            var thread = _idle[^1].Thread;
            _idle.RemoveAt(_idle.Count - 1);
            return thread;
        }
    }

    private void Return(DecoderThread thread, bool isLive) =>
        // It may still be at work for somebody who has left.
        thread.Post(() =>
        {
            lock (_gate)
            {
                if (_isClosed)
                    thread.Dispose();
                else
                    _idle.Add((thread, _time.GetTimestamp()));
            }

            Release(isLive);
        });

    private void LetGo()
    {
        lock (_gate)
        {
            int count = 0;
            while (count < _idle.Count - 1 && _time.GetElapsedTime(_idle[count].Since) >= IdleTime)
                _idle[count++].Thread.Dispose();
            _idle.RemoveRange(0, count);
        }
    }

    /// <summary>A decoder that somebody has.</summary>
    internal sealed class Lease(DecoderPool pool, DecoderThread thread, bool isLive) : IDisposable
    {
        /// <summary>Has the decoder do something; a cancelled caller does not wait for the end of it.</summary>
        public Task<T> RunAsync<T>(Func<ISpeechDecoder, T> work, CancellationToken cancellationToken) => thread.RunAsync(work, cancellationToken).WaitAsync(cancellationToken);

        public void Dispose() => pool.Return(thread, isLive);
    }
}

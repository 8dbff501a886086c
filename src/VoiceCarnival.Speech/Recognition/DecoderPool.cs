using System.Collections.Concurrent;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>A bounded number of decoders, made when they are wanted and then kept.</summary>
/// <remarks>
/// Who listens while somebody speaks holds a decoder for as long as that takes, who recognises a whole utterance for a moment. So one decoder of several is never given to the former, and nobody waits for
/// the end of another's turn.
/// </remarks>
internal sealed class DecoderPool(int size, Func<ISpeechDecoder> create) : IDisposable
{
    private readonly ConcurrentBag<DecoderThread> _idle = [];
    private readonly SemaphoreSlim _free = new(size);
    private readonly SemaphoreSlim _live = new(Math.Max(1, size - 1));
    private volatile bool _isClosed;

    /// <summary>A decoder to listen with, if one is free.</summary>
    public Lease? TryTakeLive()
    {
        if (!_live.Wait(0))
            return null;
        if (_free.Wait(0))
            return new Lease(this, Thread(), isLive: true);
        _live.Release();
        return null;
    }

    /// <summary>A decoder for a whole utterance, as soon as one is free; null if that takes longer than one wants to wait.</summary>
    public async Task<Lease?> TakeAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        await _free.WaitAsync(wait, cancellationToken) ? new Lease(this, Thread(), isLive: false) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        while (_idle.TryTake(out var thread))
            thread.Dispose();
    }

    private DecoderThread Thread() => _idle.TryTake(out var thread) ? thread : new DecoderThread(create);

    private void Return(DecoderThread thread, bool isLive) =>
        // It may still be at work for somebody who has left.
        thread.Post(() =>
        {
            if (_isClosed)
                thread.Dispose();
            else
                _idle.Add(thread);
            _free.Release();
            if (isLive)
                _live.Release();
        });

    /// <summary>A decoder that somebody has.</summary>
    internal sealed class Lease(DecoderPool pool, DecoderThread thread, bool isLive) : IDisposable
    {
        /// <summary>Has the decoder do something; a cancelled caller does not wait for the end of it.</summary>
        public Task<T> RunAsync<T>(Func<ISpeechDecoder, T> work, CancellationToken cancellationToken) => thread.RunAsync(work, cancellationToken).WaitAsync(cancellationToken);

        public void Dispose() => pool.Return(thread, isLive);
    }
}

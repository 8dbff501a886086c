using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Speech.Recognition;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Recognition;

public sealed class DecoderPoolTests : IDisposable
{
    private readonly List<PooledDecoder> _made = [];
    private readonly ManualResetEventSlim _gate = new(true);
    private readonly FakeTimeProvider _time = new();
    private readonly DecoderPool _pool;

    public DecoderPoolTests() => _pool = new DecoderPool(3, Create, _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Set();
        _pool.Dispose();
    }

    private PooledDecoder Create()
    {
        var decoder = new PooledDecoder { BeforeFirstSearch = () => _gate.Wait(TimeSpan.FromSeconds(30)) };
        lock (_made)
            _made.Add(decoder);
        return decoder;
    }

    [Fact]
    public async Task WhoListens_NeverHasTheLastDecoder()
    {
        using var first = _pool.TryTakeLive();
        using var second = _pool.TryTakeLive();
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(_pool.TryTakeLive());

        using var whole = await _pool.TakeAsync(TimeSpan.Zero, Cancelled);
        Assert.NotNull(whole);
        Assert.Null(await _pool.TakeAsync(TimeSpan.Zero, Cancelled));
    }

    [Fact]
    public async Task ADecoder_IsUsedAgain()
    {
        for (int i = 0; i < 5; i++)
        {
            using var lease = await _pool.TakeAsync(TimeSpan.FromSeconds(30), Cancelled);
            Assert.Equal("whole7", await lease!.RunAsync(static d => FakeDecoder.Recognise(d, 7), Cancelled));
        }

        // It is back once its thread has come to that, so a second one may have been made meanwhile.
        Assert.InRange(_made.Count, 1, 3);
    }

    [Fact]
    public async Task ACancelledCaller_LeavesAtOnce_AndTheDecoderComesBackWhenItIsDone()
    {
        using var begun = new SemaphoreSlim(0);
        using var pool = new DecoderPool(1, () => new FakeDecoder
        {
            BeforeFirstSearch = () =>
            {
                begun.Release();
                _gate.Wait(TimeSpan.FromSeconds(30));
            },
        }, _time);
        using var cancel = new CancellationTokenSource();
        _gate.Reset();
        using (var lease = await pool.TakeAsync(TimeSpan.FromSeconds(30), Cancelled))
        {
            var work = lease!.RunAsync(static d => FakeDecoder.Recognise(d, 7), cancel.Token);
            await begun.WaitAsync(Cancelled);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        }

        Assert.Null(await pool.TakeAsync(TimeSpan.Zero, Cancelled)); // still at work

        _gate.Set();
        using var next = await pool.TakeAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task DecodersThatNobodyNeeds_AreLetGo_SaveTheOneThatWasUsedLast()
    {
        var leases = new[] { _pool.TryTakeLive()!, _pool.TryTakeLive()!, (await _pool.TakeAsync(TimeSpan.Zero, Cancelled))! };
        foreach (var lease in leases)
            await lease.RunAsync(static d => FakeDecoder.Recognise(d, 7), Cancelled);
        Assert.Equal(3, _made.Count);

        foreach (var lease in leases)
            await BackAsync(lease);

        _time.Advance(TimeSpan.FromMinutes(1));
        var again = _pool.TryTakeLive()!;
        Assert.True(await again.RunAsync(d => ReferenceEquals(_made[2], d), Cancelled));
        await BackAsync(again);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(_made[0].Gone, _made[1].Gone).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);

        _time.Advance(TimeSpan.FromHours(1));
        using var last = _pool.TryTakeLive()!;
        Assert.True(await last.RunAsync(d => ReferenceEquals(_made[2], d), Cancelled));
        Assert.False(_made[2].Gone.IsCompleted);
        Assert.Equal(3, _made.Count);
    }

    [Fact]
    public async Task ADecoderThatCannotBeMade_IsToldToWhoAsks_AndTriedAgain()
    {
        int tries = 0;
        using var pool = new DecoderPool(1, () => ++tries == 1 ? throw new InvalidDataException("no model") : new FakeDecoder(), _time);
        for (int i = 0; i < 2; i++)
        {
            using var lease = await pool.TakeAsync(TimeSpan.FromSeconds(30), Cancelled);
            var work = lease!.RunAsync(static d => FakeDecoder.Recognise(d, 7), Cancelled);
            if (i == 0)
                await Assert.ThrowsAsync<InvalidDataException>(() => work);
            else
                Assert.Equal("whole7", await work);
        }
    }

    // Its thread is asked for something once more, which it does after it has come back.
    private static async Task BackAsync(DecoderPool.Lease lease)
    {
        lease.Dispose();
        await lease.RunAsync(static _ => true, Cancelled);
    }

    private sealed class PooledDecoder : FakeDecoder, IDisposable
    {
        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Ends when it is let go of.</summary>
        public Task Gone => _gone.Task;

        public void Dispose() => _gone.TrySetResult();
    }

    [Fact]
    public async Task AThreadThatCannotBeStarted_LeavesRoomForTheNext()
    {
        int tries = 0;
        using var pool = new DecoderPool(2, () => ++tries <= 4 ? throw new InvalidOperationException("no thread") : new DecoderThread(static () => new FakeDecoder()), _time);
        for (int i = 0; i < 2; i++)
        {
            Assert.Throws<InvalidOperationException>(pool.TryTakeLive);
            await Assert.ThrowsAsync<InvalidOperationException>(() => pool.TakeAsync(TimeSpan.Zero, Cancelled));
        }

        using var live = pool.TryTakeLive();
        using var whole = await pool.TakeAsync(TimeSpan.Zero, Cancelled);
        Assert.Equal("whole7", await live!.RunAsync(static d => FakeDecoder.Recognise(d, 7), Cancelled));
        Assert.Equal("whole7", await whole!.RunAsync(static d => FakeDecoder.Recognise(d, 7), Cancelled));
    }

    [Fact]
    public async Task ADecoderThatFailed_IsNotGivenToTheNext()
    {
        var first = _pool.TryTakeLive()!;
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.RunAsync<bool>(static _ => throw new InvalidOperationException("It failed."), Cancelled));
        await BackAsync(first);
        await _made[0].Gone.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);

        using var next = _pool.TryTakeLive()!;
        Assert.True(await next.RunAsync(d => ReferenceEquals(_made[1], d), Cancelled));
    }
}

using VoiceCarnival.Speech.Recognition;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Recognition;

public sealed class DecoderPoolTests : IDisposable
{
    private readonly List<FakeDecoder> _made = [];
    private readonly ManualResetEventSlim _gate = new(true);
    private readonly DecoderPool _pool;

    public DecoderPoolTests() => _pool = new DecoderPool(3, Create);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Set();
        _pool.Dispose();
    }

    private FakeDecoder Create()
    {
        var decoder = new FakeDecoder { BeforeFirstSearch = () => _gate.Wait(TimeSpan.FromSeconds(30)) };
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
        });
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
    public async Task ADecoderThatCannotBeMade_IsToldToWhoAsks_AndTriedAgain()
    {
        int tries = 0;
        using var pool = new DecoderPool(1, () => ++tries == 1 ? throw new InvalidDataException("no model") : new FakeDecoder());
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
}

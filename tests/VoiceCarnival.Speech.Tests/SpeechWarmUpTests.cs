using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace VoiceCarnival.Speech.Tests;

public sealed class SpeechWarmUpTests : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _started = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    CancellationToken IHostApplicationLifetime.ApplicationStarted => _started.Token;

    CancellationToken IHostApplicationLifetime.ApplicationStopping => CancellationToken.None;

    CancellationToken IHostApplicationLifetime.ApplicationStopped => CancellationToken.None;

    void IHostApplicationLifetime.StopApplication() => Assert.Fail("It stops the server.");

    public void Dispose() => _started.Dispose();

    private async Task<SpeechWarmUp> StartAsync(params IWarmUp[] services)
    {
        var warmUp = new SpeechWarmUp(services, _time, this, NullLogger<SpeechWarmUp>.Instance);
        await warmUp.StartAsync(Cancelled);
        await _started.CancelAsync();
        return warmUp;
    }

    // Lets time go on until it is done.
    private async Task PassAsync(Task task)
    {
        while (await Task.WhenAny(task, Task.Delay(1, Cancelled)) != task)
            _time.Advance(TimeSpan.FromMilliseconds(100));
        await task;
    }

    [Fact]
    public async Task WhatThereIsNoRoomFor_NeitherStopsTheServer_NorKeepsTheOthersFromTheirTurn()
    {
        var other = new Service(static () => { });
#pragma warning disable MA0012 // what the runtime throws where no thread can be started
        using var warmUp = await StartAsync(new Service(static () => throw new InsufficientMemoryException("no thread")), new Service(static () => throw new InvalidDataException("damaged")), other);
#pragma warning restore MA0012
        await PassAsync(warmUp.ExecuteTask!);
        Assert.Equal(1, other.Calls);
    }

    [Fact]
    public async Task WhatRunsPerFrame_IsUsedAFewTimes()
    {
        var frames = new Service(static () => { }) { RunsPerFrame = true };
        using var warmUp = await StartAsync(frames);
        await PassAsync(warmUp.ExecuteTask!);
        Assert.InRange(frames.Calls, 3, 10);
    }

    [Fact]
    public async Task AServerThatStops_DoesNotWaitForAModel()
    {
        using var loading = new ManualResetEventSlim();
        using var begun = new SemaphoreSlim(0);
        var later = new Service(static () => { });
        using var warmUp = await StartAsync(
            new Service(() =>
            {
                begun.Release();
                loading.Wait();
            }),
            later);
        await PassAsync(begun.WaitAsync(Cancelled));
        await warmUp.StopAsync(Cancelled);
        Assert.Equal(0, later.Calls);
        loading.Set();
    }

    private sealed class Service(Action warmUp) : IWarmUp
    {
        public int Calls { get; private set; }

        public bool RunsPerFrame { get; init; }

        public void WarmUp()
        {
            Calls++;
            warmUp();
        }
    }
}

using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

public sealed class ThreadedMediaClockTests
{
    [Fact]
    public async Task Tasks_AreTickedByOneThreadEach_UntilTheyLeave()
    {
        using var clock = new ThreadedMediaClock(2);
        List<CountingTask> tasks = [.. Enumerable.Range(0, 40).Select(_ => new CountingTask())];
        List<IMediaPlace> places = [.. tasks.Select(clock.Add)];
        foreach (var task in tasks)
            await task.Ticked(5);
        Assert.All(tasks, task => Assert.Single(task.Threads));
        Assert.Equal(2, tasks.SelectMany(task => task.Threads).Distinct().Count());

        foreach (var place in places.Skip(1))
            place.Leave();
        await tasks[0].Ticked(tasks[0].Ticks + 2); // a tick that was under way is over
        int[] counts = [.. tasks.Select(task => task.Ticks)];
        await tasks[0].Ticked(tasks[0].Ticks + 5);
        Assert.Equal(counts[1..], tasks.Skip(1).Select(task => task.Ticks));
    }

    [Fact]
    public async Task WokenTask_WorksOnOneThread_ThatTicksNobody_AlsoAfterItHasLeft()
    {
        using var clock = new ThreadedMediaClock(1);
        using var task = new CountingTask();
        var place = clock.Add(task);
        await task.Ticked(1);
        place.Wake();
        await task.Worked(1);
        place.Leave();
        place.Wake();
        await task.Worked(2);
        Assert.Single(task.Threads);
        Assert.Single(task.WorkThreads);
        Assert.DoesNotContain(task.WorkThreads.Single(), task.Threads);
    }

    [Fact]
    public async Task WorkThatTakesLong_DelaysNoTick()
    {
        using var clock = new ThreadedMediaClock(1);
        using var busy = new CountingTask();
        using var held = new ManualResetEventSlim();
        busy.OnWork = () => held.Wait(TimeSpan.FromSeconds(20));
        using var other = new CountingTask();
        clock.Add(busy).Wake();
        clock.Add(other);
        await other.Ticked(3);
        await busy.Ticked(3);
        held.Set();
        await busy.Worked(1);
    }

    [Fact]
    public async Task Clock_GoesOn_WhenAllHaveLeftAndOthersCome()
    {
        using var clock = new ThreadedMediaClock(1);
        for (int i = 0; i < 3; i++)
        {
            using var task = new CountingTask();
            var place = clock.Add(task);
            await task.Ticked(3);
            place.Leave();
        }
    }

    private sealed class CountingTask : IMediaTask, IDisposable
    {
        private readonly SemaphoreSlim _changed = new(0);
        private int _ticks;
        private int _works;

        public int Ticks => Volatile.Read(ref _ticks);

        public HashSet<int> Threads { get; } = [];

        public HashSet<int> WorkThreads { get; } = [];

        public Action? OnWork { get; set; }

        public void Tick(TimeSpan due, TimeSpan now)
        {
            lock (Threads)
                Threads.Add(Environment.CurrentManagedThreadId);
            Interlocked.Increment(ref _ticks);
            _changed.Release();
        }

        public void Work(TimeSpan now)
        {
            OnWork?.Invoke();
            lock (Threads)
                WorkThreads.Add(Environment.CurrentManagedThreadId);
            Interlocked.Increment(ref _works);
            _changed.Release();
        }

        public async Task Ticked(int count)
        {
            while (Ticks < count)
                Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(20)), "not ticked");
        }

        public void Dispose() => _changed.Dispose();

        public async Task Worked(int count)
        {
            while (Volatile.Read(ref _works) < count)
                Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(20)), "not woken");
        }
    }
}

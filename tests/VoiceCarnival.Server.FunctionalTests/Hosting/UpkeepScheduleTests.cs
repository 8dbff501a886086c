using VoiceCarnival.Server.Hosting;

namespace VoiceCarnival.Server.FunctionalTests.Hosting;

public sealed class UpkeepScheduleTests
{
    private const long Mebibyte = 1024 * 1024;
    private readonly UpkeepSchedule _schedule = new(0);
    private TimeSpan _now;
    private long _allocated;

    [Fact]
    public void AfterABurst_TheYoungAreCollectedInTheCalm_AndAllOnceMore_AWhileLater()
    {
        Assert.All(Run(8, 3 * Mebibyte), done => Assert.Equal(Upkeep.Nothing, done));
        var calm = Run(200, 0);
        Assert.Equal(Upkeep.Young, calm[0]);
        Assert.Equal((Upkeep.All, 10), (calm[10], calm.FindIndex(1, done => done != Upkeep.Nothing)));
        Assert.All(calm[11..], done => Assert.Equal(Upkeep.Nothing, done));
    }

    [Fact]
    public void WhileSomebodyIsThere_NothingIsStopped()
    {
        Run(8, 3 * Mebibyte);
        var calm = Run(60, 0, isEmpty: false);
        Assert.Equal(Upkeep.Young, calm[0]);
        Assert.Equal(Upkeep.Behind, calm[10]);
        Assert.DoesNotContain(Upkeep.All, calm);
    }

    [Fact]
    public void WhatGoesOn_PutsTheSecondOff()
    {
        Run(8, 3 * Mebibyte);
        Run(20, 0);
        Run(8, 3 * Mebibyte);
        var calm = Run(60, 0);
        Assert.Equal([Upkeep.Young, Upkeep.All], calm.Where(done => done != Upkeep.Nothing));
        Assert.Equal(Upkeep.All, calm[10]);
    }

    [Fact]
    public void WhereCalmNeverComes_TheYoungAreCollectedAllTheSame_AndNothingElse()
    {
        var busy = Run(120, 2 * Mebibyte);
        Assert.Equal(Upkeep.Young, busy[2]);
        Assert.Equal(10, busy.Count(done => done == Upkeep.Young));
        Assert.DoesNotContain(busy, done => done is Upkeep.Behind or Upkeep.All);
    }

    [Fact]
    public void WhereNextToNothingHappens_NothingIsDone() => Assert.All(Run(600, 10 * 1024), done => Assert.Equal(Upkeep.Nothing, done));

    private List<Upkeep> Run(int seconds, long bytesEach, bool isEmpty = true)
    {
        var done = new List<Upkeep>();
        for (int i = 0; i < seconds / UpkeepSchedule.Interval.TotalSeconds; i++)
        {
            _now += UpkeepSchedule.Interval;
            _allocated += bytesEach;
            done.Add(_schedule.Next(_allocated, isEmpty, _now));
        }

        return done;
    }
}

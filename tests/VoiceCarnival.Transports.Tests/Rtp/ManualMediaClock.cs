using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>A clock that a test moves, and that does its calls' work on the test's thread.</summary>
internal sealed class ManualMediaClock : MediaClock
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private readonly List<Place> _places = [];
    private TimeSpan _now = TimeSpan.FromSeconds(1000);

    public override TimeSpan Now => _now;

    /// <summary>A call is ticked before it knows that it has a place, as when its thread is held up there.</summary>
    public bool TicksAtOnce { get; set; }

    /// <summary>Calls that are ticked.</summary>
    public int Count => _places.Count;

    /// <summary>Moves in steps of a millisecond; <paramref name="onStep"/> runs in each.</summary>
    public void Advance(TimeSpan time, Action? onStep = null)
    {
        for (var end = _now + time; _now < end;)
        {
            _now += Step;
            onStep?.Invoke();
            foreach (var place in _places.ToArray())
                place.TickIfDue(_now);
        }
    }

    /// <summary>The process slept: no tick for a while.</summary>
    public void Sleep(TimeSpan time) => _now += time;

    internal override IMediaPlace Add(IMediaTask task)
    {
        var place = new Place(this, task) { Next = _now + Frame };
        _places.Add(place);
        if (TicksAtOnce)
            task.Tick(_now, _now);
        return place;
    }

    private sealed class Place(ManualMediaClock clock, IMediaTask task) : IMediaPlace
    {
        public TimeSpan Next { get; set; }

        public void TickIfDue(TimeSpan now)
        {
            if (now < Next)
                return;
            while (Next + Frame <= now)
                Next += Frame;
            task.Tick(Next, now);
            Next += Frame;
        }

        public void Wake() => task.Work(clock.Now);

        public void Leave() => clock._places.Remove(this);
    }
}

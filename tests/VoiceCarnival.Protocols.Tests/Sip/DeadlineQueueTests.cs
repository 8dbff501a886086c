using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Tests.Sip;

public sealed class DeadlineQueueTests
{
    private readonly DeadlineQueue<Element> _queue = new();

    [Fact]
    public void WhatWaitsForNothingAnyMore_IsLetGo_HoweverFarAwayItsTimeWas()
    {
        for (int i = 0; i < 10_000; i++)
        {
            var element = new Element { NextDeadline = TimeSpan.FromHours(1 + i) };
            _queue.Update(element);
            element.NextDeadline = null;
            _queue.Update(element);
        }

        Assert.InRange(_queue.Count, 0, 200);
        Assert.False(_queue.TryTake(TimeSpan.MaxValue, out _));
        Assert.Null(_queue.Next);
    }

    [Fact]
    public void Elements_AreTakenInTheirOrder_WhereverTheirTimesMoved()
    {
        var random = new Random(5);
        var elements = Enumerable.Range(0, 500).Select(_ => new Element()).ToArray();
        for (int i = 0; i < 20_000; i++)
        {
            var element = elements[random.Next(elements.Length)];
            element.NextDeadline = random.Next(4) == 0 ? null : TimeSpan.FromSeconds(random.Next(1000));
            if (random.Next(20) == 0)
                _queue.Remove(element);
            _queue.Update(element);
        }

        var taken = new List<Element>();
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(1000); now += TimeSpan.FromSeconds(1))
        {
            while (_queue.TryTake(now, out var element))
            {
                Assert.Equal(now, element.NextDeadline);
                taken.Add(element);
                element.NextDeadline = null;
            }
        }

        Assert.Equal(taken.Count, taken.Distinct().Count());
        Assert.All(elements, element => Assert.Null(element.NextDeadline));
        Assert.Equal(0, _queue.Count);
    }

    private sealed class Element : IHasDeadline
    {
        public TimeSpan? NextDeadline { get; set; }

        QueuedDeadline? IHasDeadline.Queued { get; set; }
    }
}

using System.Globalization;

namespace VoiceCarnival.Transports.Sip;

/// <summary>The messages of one call as far as they are kept: how it began, and how it goes now. What lies between is only counted.</summary>
internal sealed class SipCourse
{
    /// <summary>Kept of the beginning, and of the end.</summary>
    public const int Most = 100;

    private readonly List<SipLadderStep> _first = [];
    private readonly Queue<SipLadderStep> _last = new();
    private SipLadderStep? _leftOut;
    private int _count;

    public void Add(SipLadderStep step)
    {
        if (_first.Count < Most)
        {
            _first.Add(step);
            return;
        }

        _last.Enqueue(step);
        if (_last.Count > Most)
            (_leftOut, _count) = (_last.Dequeue(), _count + 1);
    }

    /// <summary>All that is kept, with a step for what is not.</summary>
    public IEnumerable<SipLadderStep> Steps => _leftOut is not { } gap
        ? _first.Concat(_last)
        : [.. _first, gap with { Peer = "", Summary = string.Create(CultureInfo.InvariantCulture, $"… {_count} left out …") }, .. _last];
}

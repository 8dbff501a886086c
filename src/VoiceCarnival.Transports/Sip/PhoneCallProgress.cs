using System.Runtime.CompilerServices;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Something that happened to a phone call.</summary>
/// <param name="State"><c>dialing</c>, <c>ringing</c>, <c>early_media</c>, <c>answered</c>, <c>transferring</c>, <c>ended</c>.</param>
/// <param name="Status">The SIP status that goes with it; 0 when there is none.</param>
/// <param name="Reason">Its phrase.</param>
/// <param name="At">When.</param>
public sealed record PhoneCallEvent(string State, int Status, string Reason, DateTimeOffset At);

/// <summary>What has happened to a phone call, for those who ask and those who wait.</summary>
internal sealed class PhoneCallProgress
{
    private const int Most = 100;
    private readonly Lock _gate = new();
    private readonly List<PhoneCallEvent> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOver;

    public PhoneCallEvent? Last
    {
        get
        {
            lock (_gate)
                return _events.LastOrDefault();
        }
    }

    public void Add(PhoneCallEvent next, bool isLast = false)
    {
        lock (_gate)
        {
            if (_isOver || (_events.Count >= Most && !isLast))
                return;
            _events.Add(next);
            _isOver = isLast;
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>All from the first on, as they come, to the end of the call.</summary>
    public async IAsyncEnumerable<PhoneCallEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int seen = 0; ; seen++)
        {
            PhoneCallEvent? next = null;
            while (next is null)
            {
                Task changed;
                lock (_gate)
                {
                    if (seen < _events.Count)
                    {
                        next = _events[seen];
                        break;
                    }

                    if (_isOver)
                        yield break;
                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }

            yield return next;
        }
    }
}

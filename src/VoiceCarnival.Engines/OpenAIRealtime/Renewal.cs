using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Tells when an upstream has to make room for a fresh one because of its age.</summary>
/// <param name="lead">How long before its end to begin.</param>
/// <param name="time">The clock.</param>
/// <param name="due">Called when it is time, and again after <see cref="Postpone"/>.</param>
internal sealed class Renewal(TimeSpan lead, TimeProvider time, Action due) : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);
    private DateTimeOffset _until;
    private ITimer? _timer;

    /// <summary>There is time left to wait for a better moment.</summary>
    public bool CanWait => time.GetUtcNow() < _until;

    /// <summary>Takes the session of a new upstream, which tells when it expires.</summary>
    public void Schedule(JsonObject session)
    {
        var now = time.GetUtcNow();
        if (RenewalPlan.For(session, lead, now) is not { } plan)
            return;
        _until = plan.Until;
        _timer?.Dispose();
        _timer = time.CreateTimer(static state => ((Renewal)state!).Due(), this, plan.From - now, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Not now; soon.</summary>
    public void Postpone() => _timer?.Change(Retry, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Due() => due();
}

using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>Takes the times of one response on its way to its first sample.</summary>
/// <param name="begun">The end of the turn that it answers, as it was found.</param>
/// <param name="silence">Silence before that.</param>
internal sealed class ResponseClock(TimeSpan begun, TimeSpan? silence)
{
    private TimeSpan? _asked;
    private TimeSpan? _thought;
    private TimeSpan? _spoke;
    private bool _isStopped;

    /// <summary>The words are there, and the brain is asked.</summary>
    public void Asked(TimeSpan now) => _asked ??= now;

    /// <summary>The brain has come to something.</summary>
    public void Thought(TimeSpan now) => _thought ??= now;

    /// <summary>There is sound.</summary>
    public void Spoke(TimeSpan now) => _spoke ??= now;

    /// <summary>The first sample is sent: answers how long it all took, once.</summary>
    public TurnLatency? TryStop(TimeSpan now, string responseId)
    {
        if (_isStopped)
            return null;
        _isStopped = true;
        var asked = _asked ?? begun;
        var thought = _thought ?? asked;
        var spoke = _spoke ?? now;
        return new TurnLatency(responseId, silence, asked - begun, thought - asked, spoke - thought, now - spoke);
    }
}

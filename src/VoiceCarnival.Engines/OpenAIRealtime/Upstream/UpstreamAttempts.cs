using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>Opens connections to one address of the service, again and again where that may help.</summary>
internal sealed class UpstreamAttempts(UpstreamConnector connector, Uri address, string? safetyIdentifier, TimeProvider time)
{
    /// <summary>Tries once.</summary>
    public Task<UpstreamOpening> OnceAsync(IUpstreamReceiver receiver, CancellationToken cancellationToken) =>
        connector.OpenAsync(address, safetyIdentifier, receiver, cancellationToken);

    /// <summary>Tries until it works, the service refuses for good, or the time is up.</summary>
    /// <param name="receiver">Takes what the connection says.</param>
    /// <param name="schedule">When to try; one for all that is tried after one loss, so that connections which break at once are not sought without a pause.</param>
    /// <param name="started">When the first try of that schedule began.</param>
    /// <param name="mayBeEarly">The service may not know yet what is asked for: 404 is no final answer.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <returns>The connection, or the last refusal; neither when there was no time to try.</returns>
    public async Task<(UpstreamConnection? Connection, SessionRefusal? Refusal)> OpenAsync(
        IUpstreamReceiver receiver, RetrySchedule schedule, long started, bool mayBeEarly, CancellationToken cancellationToken)
    {
        SessionRefusal? refusal = null;
        while (schedule.Next(time.GetElapsedTime(started), refusal?.RetryAfter) is { } delay)
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, time, cancellationToken);
            var opening = await OnceAsync(receiver, cancellationToken);
            if (opening.Connection is { } connection)
                return (connection, null);
            refusal = opening.Refusal!;
            if (!opening.MayRetry && !(mayBeEarly && IsUnknown(refusal)))
                break;
        }

        return (null, refusal);
    }

    /// <summary>The service does not know what was asked for.</summary>
    public static bool IsUnknown(SessionRefusal refusal) => refusal.Status is 404 or 410;
}

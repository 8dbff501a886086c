namespace VoiceCarnival.Transports.Sip;

/// <summary>What is to be done for one call, one thing after the other, on no thread of its own.</summary>
/// <param name="failed">Told of what went wrong; the next thing is done all the same.</param>
internal sealed class SerialWork(Action<Exception> failed)
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Adds something behind what waits; returns at once.</summary>
    public void Post(Func<Task> work)
    {
        lock (_gate)
            _last = RunAsync(_last, work);
    }

    private async Task RunAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await work();
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }
}

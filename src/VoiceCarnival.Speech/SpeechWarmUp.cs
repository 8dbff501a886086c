using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Speech;

/// <summary>Loads models and compiles modules once the server has been up for a moment, so that neither its start nor the first caller waits for them.</summary>
internal sealed partial class SpeechWarmUp(IEnumerable<IWarmUp> services, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<SpeechWarmUp> logger) : BackgroundService
{
    private const int Repeats = 4;
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);
    // The runtime counts calls once nothing new was compiled for a tenth of a second, and compiles again what was called 30 times.
    private static readonly TimeSpan CompilerTime = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await using var onStopping = stoppingToken.Register(() => started.TrySetResult());
        await started.Task;
        // A server that stops before, or does not come up at all, is no failure of ours to be told.
        await Task.Delay(AfterStart, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var frames = new List<IWarmUp>();
        foreach (var service in services)
        {
            if (await WarmUpAsync(service, stoppingToken) && service.RunsPerFrame)
                frames.Add(service);
        }

        for (int i = 0; i < Repeats && frames.Count > 0 && !stoppingToken.IsCancellationRequested; i++)
        {
            await Task.Delay(CompilerTime, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var service in frames)
                await WarmUpAsync(service, stoppingToken);
        }
    }

    private async Task<bool> WarmUpAsync(IWarmUp service, CancellationToken stoppingToken)
    {
        if (stoppingToken.IsCancellationRequested)
            return false;
        try
        {
            // A server that stops does not wait until a model is loaded.
            await Task.Run(service.WarmUp, CancellationToken.None).WaitAsync(stoppingToken);
            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            // Whoever uses it is told the same, where it can be answered. That there is no room for it, or for a thread, is no reason to stop either.
            Log.Failed(logger, service.GetType().Name, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3002, LogLevel.Warning, "{Service} cannot be used")]
        public static partial void Failed(ILogger logger, string service, Exception exception);
    }
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Transports.WebRtc.Dtls;
using VoiceCarnival.Transports.WebRtc.Network;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>
/// Makes ready for the first call once the server answers: opens the sockets and lets the code of a handshake be compiled, which would cost that call a quarter of a second.
/// </summary>
internal sealed partial class WebRtcHost(WebRtcCalls calls, MediaPort port, PeerServices peers, IHostApplicationLifetime lifetime, ILogger<WebRtcHost> logger) : BackgroundService
{
    /// <summary>What answers first after a start shall not share its processor with this.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!peers.Options.Enabled)
            return;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await using var onStopping = stoppingToken.Register(() => started.TrySetCanceled());
        try
        {
            await started.Task;
            await Task.Delay(Delay, peers.Time, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (calls.Problem is null)
            new Thread(WarmUp) { IsBackground = true, Name = "dtls rehearsal" }.Start();
    }

    public override void Dispose()
    {
        port.Dispose();
        base.Dispose();
    }

    private void WarmUp()
    {
        try
        {
            DtlsRehearsal.Run(peers.Identity, peers.Handshakes);
        }
        catch (Exception exception)
        {
            // The first call is slower then, and shows whether anything is wrong.
            Log.WarmUpFailed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4041, LogLevel.Warning, "The rehearsal of a WebRTC handshake failed")]
        public static partial void WarmUpFailed(ILogger logger, Exception exception);
    }
}

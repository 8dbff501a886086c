using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.Transports.Listening;

/// <summary>Takes connections from a listening socket.</summary>
/// <param name="socket">Listens.</param>
/// <param name="accept">Takes its next connection.</param>
/// <param name="logger">Is told of what goes wrong.</param>
internal sealed partial class LoopListener(Socket socket, Func<CancellationToken, ValueTask<Socket>> accept, ILogger logger) : IConnectionListener
{
    // Callers wait in the system's queue meanwhile.
    private static readonly TimeSpan Shortage = TimeSpan.FromMilliseconds(100);
    private bool _hasWarned;

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Socket? accepted = null;
            try
            {
                accepted = await accept(cancellationToken);
                accepted.NoDelay = true;
                return new LoopConnection(accepted, new LoopStream(accepted), logger);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null; // closed by us
            }
            catch (SocketException exception) when (accepted is null && exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // It stays so until somebody hangs up; the system would say it again at once.
                if (!_hasWarned)
                    Log.NoDescriptors(logger, exception);
                _hasWarned = true;
                await Task.Delay(Shortage, cancellationToken);
            }
            catch (Exception exception) when (exception is SocketException or IOException or System.ComponentModel.Win32Exception)
            {
                // That caller is gone; the next may be better off.
                Log.AcceptFailed(logger, exception);
                accepted?.Dispose();
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Debug, "A connection could not be accepted")]
        public static partial void AcceptFailed(ILogger logger, Exception exception);

        [LoggerMessage(3102, LogLevel.Warning, "The system gives this process no more sockets: new callers wait until others hang up. Raise its limit of open files (ulimit -n, LimitNOFILE); this is said once")]
        public static partial void NoDescriptors(ILogger logger, Exception exception);
    }
}

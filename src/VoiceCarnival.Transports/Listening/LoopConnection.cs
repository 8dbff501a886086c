using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.Transports.Listening;

/// <summary>One connection as Kestrel sees it.</summary>
internal sealed partial class LoopConnection : DefaultConnectionContext
{
    private readonly LoopStream _stream;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closed = new();

    public LoopConnection(Socket socket, LoopStream stream, ILogger logger)
        : base(Guid.NewGuid().ToString("N"))
    {
        _stream = stream;
        _logger = logger;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Transport = new LoopDuplexPipe(stream);
        stream.HungUp = TellClosed;
    }

    public override void Abort(ConnectionAbortedException? abortReason)
    {
        // Kestrel gives no reason for a connection that ended well: what was written last still goes out before the end.
        if (abortReason is null)
            _stream.Dispose();
        else
            _stream.Abort();
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.TellClosed(), this, preferLocal: false);
    }

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        TellClosed();
        await base.DisposeAsync();
    }

    // On a thread of the pool, where an exception would end the process.
    private void TellClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (Exception exception)
        {
            Log.ListenerFailed(_logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3103, LogLevel.Error, "What was to be done at the end of a connection failed")]
        public static partial void ListenerFailed(ILogger logger, Exception exception);
    }
}

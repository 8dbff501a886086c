using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.Transports.Listening;

/// <summary>One connection as Kestrel sees it.</summary>
internal sealed class LoopConnection : DefaultConnectionContext
{
    private readonly LoopStream _stream;
    private readonly CancellationTokenSource _closed = new();

    public LoopConnection(Socket socket, LoopStream stream)
        : base(Guid.NewGuid().ToString("N"))
    {
        _stream = stream;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Transport = new LoopDuplexPipe(stream);
        stream.HungUp = () => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _stream.Abort();
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _closed.CancelAsync();
        await base.DisposeAsync();
    }
}

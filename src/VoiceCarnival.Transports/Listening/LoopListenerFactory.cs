using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.Transports.Listening;

/// <summary>
/// Kestrel's connections on our own socket loops: a connection that becomes a WebSocket is read and written without a pump, a pipe and their buffers
/// between. Where there are no loops, and for addresses that are no IP addresses, Kestrel's own transport stays; TLS goes over these as over its own.
/// </summary>
public sealed class LoopListenerFactory(ILogger<LoopListenerFactory> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Backlog = 512; // Kestrel's

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => LoopStream.IsSupported && endpoint is IPEndPoint;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }

        socket.Listen(Backlog);
        return ValueTask.FromResult<IConnectionListener>(new LoopListener(socket, socket.AcceptAsync, logger));
    }
}

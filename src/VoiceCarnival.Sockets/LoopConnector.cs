using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Sockets;

/// <summary>Opens connections on the <see cref="SocketLoop"/>s.</summary>
public static class LoopConnector
{
    /// <summary>Connects to the first address of a host that answers.</summary>
    /// <exception cref="SocketException">None does, or the name is not known.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(endPoint.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(endPoint.Host, cancellationToken);
        Exception? failure = null;
        foreach (var address in addresses)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, endPoint.Port), cancellationToken);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                failure = exception;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async ValueTask<LoopStream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        LoopStream? stream = null;
        try
        {
            socket.Blocking = false;
            var address = endPoint.Serialize();
            bool isThere = Epoll.Connect((int)socket.SafeHandle.DangerousGetHandle(), address.Buffer.Span[..address.Size]);
            stream = new LoopStream(socket);
            if (!isThere)
                await stream.ConnectedAsync(cancellationToken);
            return stream;
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>
/// A UDP socket on one address of this machine, with the thread that reads it. Bound to the address and not to the wildcard, so that answers leave from where the
/// question came in. Neither receiving nor sending allocates.
/// </summary>
/// <remarks>A thread of its own rather than the pool: what comes in here must not wait behind other work, and must not make sockets of other transports wait.</remarks>
internal sealed partial class UdpSocket : IDatagramEnd, IMediaSocket
{
    private const int LargestDatagram = 2048;
    // Room for a flood of 50,000 datagrams a second while our thread waits for a processor: 80 ms of the longest, as systems count them.
    private const int ReceiveBufferBytes = 4 << 20;
    private const int SendBufferBytes = 1 << 20;
    private const int SioUdpConnReset = unchecked((int)0x9800000C);
    private readonly Socket _socket;
    private readonly ILogger _logger;
    private volatile bool _isClosed;

    /// <summary>Binds.</summary>
    /// <exception cref="SocketException">The address is not this machine's, or the port is taken.</exception>
    public UdpSocket(int number, IPEndPoint local, ILogger logger)
    {
        Number = number;
        _logger = logger;
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.ReceiveBufferSize = ReceiveBufferBytes;
            _socket.SendBufferSize = SendBufferBytes;
            // On Windows a datagram to a peer that has gone would make the next receive fail.
            if (OperatingSystem.IsWindows())
                _socket.IOControl(SioUdpConnReset, [0], null);
            _socket.Bind(local);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public int Number { get; }

    /// <inheritdoc/>
    public IceTransport Transport => IceTransport.Udp;

    /// <summary>Where it is bound.</summary>
    public IPEndPoint Local { get; }

    /// <inheritdoc/>
    public void Start(IDatagramReceiver receiver) =>
        new Thread(() => Read(receiver), 512 * 1024) { IsBackground = true, Name = "webrtc " + Local }.Start();

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> datagram, SocketAddress remote)
    {
        if (_isClosed)
            return;
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, remote);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // No route, a full queue, an interface that went down: to the peer it is a lost packet, and consent ends what stays silent.
        }
    }

    /// <inheritdoc/>
    public void Hold()
    {
        // It is everybody's.
    }

    /// <inheritdoc/>
    public void Release()
    {
        // It stays.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        _socket.Dispose();
    }

    private void Read(IDatagramReceiver receiver)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LargestDatagram, pinned: true);
        var remote = new SocketAddress(_socket.AddressFamily);
        int size = remote.Size;
        for (int failures = 0; !_isClosed;)
        {
            try
            {
                remote.Size = size;
                int length = _socket.ReceiveFrom(buffer, SocketFlags.None, remote);
                failures = 0;
                receiver.Receive(this, buffer.AsSpan(0, length), remote);
            }
            catch (SocketException exception) when (!_isClosed)
            {
                // Too long for us (Windows says so), or the network is in trouble: go on, but do not spin.
                if (exception.SocketErrorCode != SocketError.MessageSize && ++failures > 10)
                    Thread.Sleep(100);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception exception)
            {
                // A defect in what one datagram set off must not deafen all calls.
                Log.ReceiverFailed(_logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Error, "A datagram could not be dealt with")]
        public static partial void ReceiverFailed(ILogger logger, Exception exception);
    }
}

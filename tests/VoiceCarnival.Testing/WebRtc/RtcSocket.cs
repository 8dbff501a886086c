using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>A peer's socket on this machine with the thread that reads it: UDP, or TCP with frames (RFC 4571).</summary>
internal sealed class RtcSocket : IDisposable
{
    private const int LargestDatagram = 2048;
    private readonly Socket _socket;
    private readonly bool _isStream;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ArrivalClock _clock;

    private RtcSocket(Socket socket, bool isStream)
    {
        (_socket, _isStream, _clock) = (socket, isStream, new ArrivalClock(socket));
        _ = _clock.Last;
    }

    /// <summary>When the datagram came that the taker was given last, from 1970; for the taker to ask.</summary>
    public TimeSpan LastArrival => _clock.Last;

    /// <summary>Takes what comes in, on the thread of the socket.</summary>
    public delegate void Taker(Span<byte> datagram);

    /// <summary>Completes when nothing is read any more.</summary>
    public Task Ended => _ended.Task;

    /// <param name="transport">UDP or TCP.</param>
    /// <param name="server">Where to.</param>
    /// <param name="taker">Takes what comes.</param>
    /// <param name="isPolled">Read together with others, see <see cref="RtcPoller"/>; UDP only.</param>
    public static RtcSocket Connect(IceTransport transport, IPEndPoint server, Taker taker, bool isPolled = false)
    {
        bool isStream = transport == IceTransport.Tcp;
        var socket = new Socket(server.AddressFamily, isStream ? SocketType.Stream : SocketType.Dgram, isStream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(server.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0)); // connecting picks the address that goes with the server's
        socket.Connect(server);
        if (isStream)
            socket.NoDelay = true;
        var made = new RtcSocket(socket, isStream);
        if (isPolled)
        {
            socket.Blocking = false;
            RtcPoller.Add(made, taker);
            return made;
        }

        new Thread(() => made.Run(taker), 256 * 1024) { IsBackground = true, Name = "rtc peer" }.Start();
        return made;
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        try
        {
            if (!_isStream)
            {
                _socket.Send(datagram);
                return;
            }

            Span<byte> framed = stackalloc byte[StreamFraming.HeaderLength + datagram.Length];
            StreamFraming.WriteHeader(framed, datagram.Length);
            datagram.CopyTo(framed[StreamFraming.HeaderLength..]);
            lock (_socket)
                _socket.Send(framed);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // lost
        }
    }

    /// <summary>Takes all that has come; false when it is over.</summary>
    public bool TakeWaiting(Taker taker)
    {
        Span<byte> buffer = stackalloc byte[LargestDatagram];
        try
        {
            while (true)
            {
                int length = _socket.Receive(buffer, SocketFlags.None, out var error);
                if (error == SocketError.Success)
                    taker(buffer[..length]);
                else if (error != SocketError.ConnectionRefused)
                    return error == SocketError.WouldBlock;
            }
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Run(Taker taker)
    {
        Read(taker);
        _ended.TrySetResult();
    }

    private void Read(Taker taker)
    {
        var buffer = new byte[LargestDatagram];
        while (true)
        {
            try
            {
                if (!_isStream)
                {
                    taker(buffer.AsSpan(0, _socket.Receive(buffer)));
                    continue;
                }

                if (!ReadAll(buffer.AsSpan(0, StreamFraming.HeaderLength)))
                    return;
                int length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
                if (!ReadAll(buffer.AsSpan(0, length)))
                    return;
                taker(buffer.AsSpan(0, length));
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody there yet, or any more.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private bool ReadAll(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int read = _socket.Receive(bytes);
            if (read == 0)
                return false;
            bytes = bytes[read..];
        }

        return true;
    }
}

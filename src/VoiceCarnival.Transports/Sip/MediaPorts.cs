using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Pairs of UDP ports for audio: an even one for RTP and the next for RTCP (RFC 3550, section 11).</summary>
internal sealed class MediaPorts(int first, int last)
{
    private int _next = -1;

    /// <summary>Opens a pair.</summary>
    /// <returns>Null when none is free.</returns>
    public (Socket Rtp, Socket Rtcp)? TryOpen(IPAddress address)
    {
        int begin = (first + 1) & ~1;
        int pairs = (last - begin + 1) / 2;
        for (int i = 0; i < Math.Min(pairs, 500); i++)
        {
            int port = begin + (int)((uint)Interlocked.Increment(ref _next) % (uint)pairs) * 2;
            if (TryBind(address, port) is not { } rtp)
                continue;
            if (TryBind(address, port + 1) is { } rtcp)
                return (rtp, rtcp);
            rtp.Dispose();
        }

        return null;
    }

    private static Socket? TryBind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 16 };
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}

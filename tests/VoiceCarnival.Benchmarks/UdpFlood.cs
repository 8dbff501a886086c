using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Benchmarks;

/// <summary>Datagrams of a stranger's, as many a second as wanted, in bursts a millisecond apart.</summary>
internal sealed class UdpFlood : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public UdpFlood() => _socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));

    /// <summary>Where the stranger is.</summary>
    public IPEndPoint From => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Sends on this thread.</summary>
    /// <returns>How many went.</returns>
    public long Send(IPEndPoint to, byte[][] datagrams, int rate, TimeSpan duration)
    {
        var target = to.Serialize();
        long began = Stopwatch.GetTimestamp();
        long sent = 0;
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < duration)
        {
            for (long due = (long)(elapsed.TotalSeconds * rate); sent < due; sent++)
                _socket.SendTo(datagrams[sent % datagrams.Length], SocketFlags.None, target);
            Thread.Sleep(1);
        }

        return sent;
    }

    public void Dispose() => _socket.Dispose();
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>Waits for a peer to listen.</summary>
internal static class PeerStart
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task WaitAsync(int port, Process? process)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Limit && process?.HasExited != true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new UsageException($"A peer did not begin to listen on port {port}.");
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.Tests.WebRtc;

public sealed class TcpListeningSocketTests : IDatagramReceiver
{
    private const int MostStrangers = 256;
    private const int TooMany = 20;

    [Fact]
    public async Task ABurstOfStrangers_EndsAsManyOfTheOldest_AsAreTooMany()
    {
        int number = 0;
        using var listener = new TcpListeningSocket(() => ++number, new IPEndPoint(IPAddress.Loopback, 0), NullLogger.Instance);
        listener.Start(this);
        var callers = new List<Socket>();
        try
        {
            for (int i = 0; i < MostStrangers + TooMany; i++)
            {
                callers.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await callers[i].ConnectAsync(listener.Local);
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            foreach (var oldest in callers.Take(TooMany))
                Assert.True(await IsEndedAsync(oldest, limit.Token));
            Assert.All(callers.Skip(TooMany), static other => Assert.False(other.Poll(0, SelectMode.SelectRead)));
        }
        finally
        {
            callers.ForEach(static caller => caller.Dispose());
        }
    }

    void IDatagramReceiver.Receive(IDatagramEnd end, Span<byte> datagram, SocketAddress remote)
    {
    }

    private static async Task<bool> IsEndedAsync(Socket caller, CancellationToken cancellationToken)
    {
        try
        {
            return await caller.ReceiveAsync(new byte[1], cancellationToken) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.Tests.WebRtc;

public sealed class TcpConnectionTests : IDatagramReceiver
{
    [Fact]
    public async Task CallerWhoTakesNothing_IsLeft_WhenItsCallIsOver()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        caller.ReceiveBufferSize = 4096;
        await caller.ConnectAsync(listener.LocalEndpoint);
        using var connection = new TcpConnection(1, await listener.AcceptSocketAsync());
        var running = connection.RunAsync(this, TimeSpan.FromSeconds(60));
        connection.Hold();
        var remote = caller.LocalEndPoint!.Serialize();
        // More than any system's buffers hold.
        for (int i = 0; i < 10_000; i++)
            connection.Send(new byte[1200], remote);
        connection.Release();
        await running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    void IDatagramReceiver.Receive(IDatagramEnd end, Span<byte> datagram, SocketAddress remote)
    {
    }
}

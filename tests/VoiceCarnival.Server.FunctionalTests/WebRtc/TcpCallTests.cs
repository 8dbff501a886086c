using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Testing.WebRtc;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>Calls of those whose network lets no UDP through: over TCP (RFC 6544), where the operator gives a port for it.</summary>
public sealed class TcpCallTests : IDisposable
{
    private static readonly RtcPeerOptions OverTcp = new() { Transport = IceTransport.Tcp };
    private readonly LocalGateway _local = new([("VoiceCarnival:WebRtc:TcpPort", "0")]);

    public void Dispose() => _local.Dispose();

    [Fact]
    public async Task Call_HasItsEventsAndItsAudio()
    {
        using var peer = new RtcPeer(OverTcp);
        await peer.CallAsync(_local.Client);
        await peer.WaitForAsync("session.created");
        using var microphone = new PcmuMicrophone(peer);
        await peer.WaitForAsync("input_audio_buffer.speech_started");
        await peer.WaitForAsync("response.done");
        await peer.WaitForAsync("output_audio_buffer.stopped");
        Assert.InRange(microphone.LoudestHeard, 1000, 32_767);
        string metrics = await _local.Client.GetStringAsync("/metrics");
        Assert.Matches("voicecarnival_webrtc_connect_duration_seconds_count\\{[^}]*network=\"tcp\"[^}]*\\} [1-9]", metrics);
        Assert.Matches("voicecarnival_webrtc_handshake_duration_seconds_count\\{[^}]*outcome=\"secured\"[^}]*\\} [1-9]", metrics);
    }

    [Theory]
    [InlineData(IceTransport.Udp)]
    [InlineData(IceTransport.Tcp)]
    public async Task Call_ByIPv6_HasItsEventsAndItsAudio(IceTransport transport)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var peer = new RtcPeer(new RtcPeerOptions { Transport = transport, IsSix = true });
        await peer.CallAsync(_local.Client);
        Assert.Equal(AddressFamily.InterNetworkV6, peer.Server.AddressFamily);
        await peer.WaitForAsync("session.created");
        await peer.Heard.WaitAsync(TimeSpan.FromSeconds(20));
        await peer.RestartAsync(_local.Client);
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
        long heard = peer.PacketsReceived;
        await Wait.UntilAsync(() => peer.PacketsReceived > heard + 10);
    }

    [Fact]
    public async Task LongEvents_PassBothWays()
    {
        using var peer = new RtcPeer(OverTcp);
        await peer.CallAsync(_local.Client);
        await peer.WaitForAsync("session.created");
        string instructions = new('x', 200_000);
        Assert.True(peer.Send($$$"""{"type":"session.update","session":{"type":"realtime","instructions":"{{{instructions}}}"}}"""));
        var updated = await peer.WaitForAsync("session.updated");
        Assert.Equal(instructions, updated.GetProperty("session").GetProperty("instructions").GetString());
    }

    [Theory]
    [InlineData(IceTransport.Udp, IceTransport.Tcp)]
    [InlineData(IceTransport.Tcp, IceTransport.Udp)]
    public async Task Network_ChangesInMidCall_TheCallFollows(IceTransport before, IceTransport after)
    {
        using var peer = new RtcPeer(new RtcPeerOptions { Transport = before });
        await peer.CallAsync(_local.Client);
        await peer.WaitForAsync("session.created");
        await peer.RestartAsync(_local.Client, over: after);
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
        long heard = peer.PacketsReceived;
        await Wait.UntilAsync(() => peer.PacketsReceived > heard + 10);
    }

    [Fact]
    public async Task End_ClosesTheConnection()
    {
        using var peer = new RtcPeer(OverTcp);
        await peer.CallAsync(_local.Client);
        await peer.WaitForAsync("session.created");
        peer.CloseChannel();
        await peer.Disconnected.WaitAsync(TimeSpan.FromSeconds(20));
        await _local.UntilAsync(sessions => sessions.Count == 0);
        Assert.Equal(0, _local.Services.GetRequiredService<PeerServices>().Table.Count);
    }

    [Fact]
    public async Task Strangers_AreDisconnected_AndDisturbNobody()
    {
        using var peer = new RtcPeer(OverTcp);
        await peer.CallAsync(_local.Client);
        await peer.WaitForAsync("session.created");
        var random = new Random(3);
        var bytes = new byte[8192];
        for (int i = 0; i < 300; i++)
        {
            using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await stranger.ConnectAsync(peer.Server);
            random.NextBytes(bytes);
            bytes[0] = (byte)(i % 2 == 0 ? 0xFF : 0x04); // a frame that is too long, or many of no sense
            try
            {
                await stranger.SendAsync(bytes);
                if (i % 50 == 0 && i % 2 == 0)
                    Assert.Equal(0, await stranger.ReceiveAsync(bytes));
            }
            catch (SocketException)
            {
                // reset: as good
            }
        }

        // More than are borne at a time, and all of them silent: the oldest go.
        List<Socket> silent = [];
        for (int i = 0; i < 300; i++)
        {
            silent.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await silent[^1].ConnectAsync(peer.Server);
        }

        Assert.Equal(0, await ReadAsync(silent[0]));
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
        using var late = new RtcPeer(OverTcp);
        await late.CallAsync(_local.Client);
        await late.WaitForAsync("session.created");
        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task WithoutAPort_TcpIsNotOffered()
    {
        using var local = new LocalGateway();
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        Assert.DoesNotContain(" tcp ", peer.Answer, StringComparison.Ordinal);
        using var other = new RtcPeer();
        await other.CallAsync(_local.Client);
        Assert.Matches("a=candidate:\\S+ 1 tcp \\d+ 127\\.0\\.0\\.1 \\d+ typ host tcptype passive", other.Answer);
    }

    private static async Task<int> ReadAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[16]);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Testing.WebRtc;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>What strangers, and callers who mean no good, can do to the port that all calls share.</summary>
public sealed class HostilityTests
{
    [Fact]
    public async Task Floods_DoNotDisturbACall()
    {
        using var local = new LocalGateway();
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        using var done = new CancellationTokenSource();
        var flood = Task.Run(() => Flood(peer.Server, peer.ServerUfrag, done.Token));
        for (int i = 0; i < 20; i++)
        {
            long heard = peer.PacketsReceived;
            peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
            await peer.WaitForAsync("session.updated");
            await Wait.UntilAsync(() => peer.PacketsReceived > heard + 2);
        }

        await done.CancelAsync();
        Assert.True(await flood > 1000, "hardly anything was sent");
        var services = local.Services.GetRequiredService<PeerServices>();
        Assert.Equal(1, services.Table.Count);
    }

    [Fact]
    public async Task NoiseAlongTheCallsOwnPath_DoesNotEndIt()
    {
        using var local = new LocalGateway();
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        var random = new Random(5);
        var noise = new byte[1200];
        for (int i = 0; i < 2000; i++)
        {
            random.NextBytes(noise);
            // Everything that is told apart by the first byte: STUN, DTLS of each kind and epoch, RTP, RTCP.
            noise[0] = (byte)(i % 4 switch { 0 => random.Next(4), 1 => random.Next(20, 26), _ => random.Next(128, 192) });
            if (i % 4 == 1)
                new byte[] { 0xFE, 0xFD, 0, (byte)random.Next(3) }.CopyTo(noise, 1);
            peer.SendRaw(noise.AsSpan(0, random.Next(noise.Length)));
        }

        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
        long heard = peer.PacketsReceived;
        await Wait.UntilAsync(() => peer.PacketsReceived > heard + 5);
    }

    [Fact]
    public async Task OffersThatAreNeverCompleted_HoldNoThreads_AndRunOut()
    {
        using var local = new LocalGateway([("VoiceCarnival:WebRtc:ConnectSeconds", "2"), ("VoiceCarnival:Limits:MaxSessionsPerAddress", "1000"), ("VoiceCarnival:Limits:SessionStartsPerMinute", "100000"),
            ("VoiceCarnival:Limits:ApiRequestsPerMinute", "100000")]);
        using var peer = new RtcPeer();
        for (int i = 0; i < 300; i++)
        {
            using var response = await peer.PostAsync(local.Client, HttpMethod.Post, "/v1/realtime/calls");
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }

        var services = local.Services.GetRequiredService<PeerServices>();
        Assert.InRange(services.Handshakes.Count, 0, 2); // those of the rehearsal
        await local.UntilAsync(sessions => sessions.Count == 0);
        await Wait.UntilAsync(() => services.Table.Count == 0);
    }

    [Fact]
    public async Task AnotherCertificateThanTheOffers_IsRefused()
    {
        using var local = new LocalGateway();
        using var peer = new RtcPeer();
        string stranger = string.Join(':', Enumerable.Repeat("AB", 32));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/realtime/calls");
        request.Content = new StringContent(System.Text.RegularExpressions.Regex.Replace(peer.Offer(), "sha-256 [0-9A-F:]+", "sha-256 " + stranger));
        request.Content.Headers.ContentType = new("application/sdp");
        using var response = await local.Client.SendAsync(request);
        var failure = await Assert.ThrowsAnyAsync<IOException>(async () => await peer.ConnectAsync(await response.Content.ReadAsStringAsync()));
        Assert.Contains("bad_certificate", failure.Message, StringComparison.Ordinal);
        await local.UntilAsync(sessions => sessions.Count == 0);
    }

    [Fact]
    public async Task CallsCountInTheLimits()
    {
        using var local = new LocalGateway([("VoiceCarnival:Limits:MaxSessions", "1")]);
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        using var other = new RtcPeer();
        using var refused = await other.PostAsync(local.Client, HttpMethod.Post, "/v1/realtime/calls");
        Assert.True(refused.Headers.Contains("Retry-After"));
        Assert.Equal("session_limit_reached", (await Gateway.ErrorOf(refused, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString());
        Assert.Equal(1, local.Services.GetRequiredService<PeerServices>().Table.Count);
    }

    [Fact]
    public async Task SwitchedOff_SaysSo()
    {
        using var local = new LocalGateway([("VoiceCarnival:WebRtc:Enabled", "false")]);
        using var peer = new RtcPeer();
        using var refused = await peer.PostAsync(local.Client, HttpMethod.Post, "/v1/realtime/calls");
        Assert.Equal("transport_unavailable", (await Gateway.ErrorOf(refused, HttpStatusCode.NotImplemented)).GetProperty("code").GetString());
        var config = await Gateway.JsonOf(await local.Client.GetAsync("/api/config"));
        var webRtc = config.GetProperty("transports").EnumerateArray().Single(transport => transport.GetProperty("id").GetString() == "webrtc");
        Assert.False(webRtc.GetProperty("available").GetBoolean());
        Assert.Contains("switched", webRtc.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("VoiceCarnival:WebRtc:PublicAddress", "203.0.113.1", false)]
    [InlineData("VoiceCarnival:WebRtc:ThisMachineOnly", "false", false)]
    public async Task HttpOnLoopback_CallersElsewhereAreToldThatMediaStayHere_UnlessASettingSaysOtherwise(string? key, string? value, bool isRefused)
    {
        List<(string, string)> settings = [("VoiceCarnival:Access:TrustedProxies:0", "127.0.0.1"), ("VoiceCarnival:Access:Authentication", "off")];
        if (key is not null)
            settings.Add((key, value!));
        using var local = new LocalGateway([.. settings]);
        using var peer = new RtcPeer();
        local.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.9");
        using var response = await peer.PostAsync(local.Client, HttpMethod.Post, "/v1/realtime/calls");
        if (isRefused)
            Assert.Contains("ThisMachineOnly", (await Gateway.ErrorOf(response, HttpStatusCode.ServiceUnavailable)).GetProperty("message").GetString(), StringComparison.Ordinal);
        else
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static int Flood(IPEndPoint server, string ufrag, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var random = new Random(7);
        var noise = new byte[1400];
        int sent = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            random.NextBytes(noise);
            int length = random.Next(noise.Length);
            switch (sent % 4)
            {
                case 0: // a ClientHello's head
                    new byte[] { 22, 0xFE, 0xFF, 0, 0 }.CopyTo(noise, 0);
                    length = 400;
                    break;
                case 1: // media
                    noise[0] = 0x80;
                    break;
                case 2: // a check with the call's own fragment and a signature that is none
                    var writer = new StunWriter(noise, StunClass.Request, StunMethod.Binding, StunTransactionId.Read(noise.AsSpan(100, 12)));
                    writer.Add(StunAttributeType.Username, ufrag + ":abcd");
                    writer.AddMessageIntegrity(Encoding.ASCII.GetBytes("not the password of anybody"));
                    writer.AddFingerprint();
                    length = writer.Length;
                    break;
            }

            socket.SendTo(noise.AsSpan(0, length), SocketFlags.None, server);
            if (++sent % 100 == 0)
                Thread.Sleep(1);
        }

        return sent;
    }
}

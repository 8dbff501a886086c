using System.Net.WebSockets;
using System.Text.Json;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>From the token to the first event, with the local engine behind it.</summary>
public sealed class TalkTests
{
    private const string Key = "a-key-for-tests-only-1234";
    private static readonly (string Key, string Value)[] Closed =
    [
        ("VoiceCarnival:Access:Authentication", "required"),
        ("VoiceCarnival:Access:ApiKeys:0:Name", "tests"), ("VoiceCarnival:Access:ApiKeys:0:Key", Key),
    ];

    [Fact]
    public async Task MintedSecret_OpensASessionWithItsFields()
    {
        using var gateway = new Gateway(Closed, localEngine: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ephemeral-token");
        request.Headers.Add("Authorization", "Bearer " + Key);
        request.Content = new StringContent("""{"session":{"type":"realtime","instructions":"Say hello."}}""", System.Text.Encoding.UTF8, "application/json");
        var token = await Gateway.JsonOf(await gateway.Client.SendAsync(request));

        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("realtime");
        socket.Options.AddSubProtocol("openai-insecure-api-key." + token.GetProperty("value").GetString());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await socket.ConnectAsync(new Uri(token.GetProperty("websocket_url").GetString()!), patience.Token);
        Assert.Equal("realtime", socket.SubProtocol);
        var buffer = new byte[64 * 1024];
        var message = await socket.ReceiveAsync(buffer, patience.Token);
        Assert.True(message.EndOfMessage);
        var created = JsonDocument.Parse(buffer.AsMemory(0, message.Count)).RootElement;
        Assert.Equal("session.created", created.GetProperty("type").GetString());
        Assert.Equal("Say hello.", created.GetProperty("session").GetProperty("instructions").GetString());
    }
}

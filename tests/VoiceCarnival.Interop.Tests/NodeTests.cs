namespace VoiceCarnival.Interop.Tests;

/// <summary>The clients of npm <c>openai</c> and <c>@openai/agents-realtime</c>.</summary>
public sealed class NodeTests(Servers servers)
{
    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public Task OpenAIRealtimeWS_SpeaksTypesCallsAToolAndInterrupts(Answering answering) => ConverseAsync(answering, isSecure: true, "openai.mjs");

    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public Task AzureOpenAIRealtimeWS_SpeaksTypesCallsAToolAndInterrupts(Answering answering) => ConverseAsync(answering, isSecure: true, "openai.mjs", "azure");

    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public Task BetaOpenAIRealtimeWS_SpeaksTypesCallsAToolAndInterrupts(Answering answering) => ConverseAsync(answering, isSecure: true, "openai.mjs", "beta");

    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public Task AgentsRealtimeSession_SpeaksTypesCallsAToolAndInterrupts(Answering answering) => ConverseAsync(answering, isSecure: false, "agents.mjs");

    private async Task ConverseAsync(Answering answering, bool isSecure, params string[] arguments)
    {
        using var client = new NodeClient();
        var report = await client.RunAsync(servers.BaseUrl(answering, isSecure), servers.Certificate, arguments);
        var conversation = NodeClient.ConversationOf(report);
        conversation.AssertWhole();
        Assert.InRange(conversation.TruncatedAt ?? -1, 0, 60_000);
        foreach (var line in report.Where(line => line.TryGetProperty("instructions", out _)))
            Assert.Equal("From the secret.", line.GetProperty("instructions").GetString());
    }
}

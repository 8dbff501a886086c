using System.Runtime.InteropServices;
using System.Text.Json;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Interop.Tests;

/// <summary>Other implementations of WebRTC than browsers': npm <c>@roamhq/wrtc</c>, which is libwebrtc, and <c>werift</c>, which is nobody else's.</summary>
public sealed class WebRtcTests(Servers servers)
{
    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public async Task Libwebrtc_SpeaksAndTypesOverOpus(Answering answering)
    {
        var report = await ConverseAsync(answering, "wrtc");
        var received = report.Single(line => line.GetProperty("step").GetString() == "received");
        Assert.InRange(received.GetProperty("packets").GetInt32(), 50, 100_000);
        Assert.Equal(0, received.GetProperty("lost").GetInt32());
        Assert.Contains(report, line => line.GetProperty("step").GetString() == "reported" && line.GetProperty("round_trip").GetDouble() >= 0);
    }

    [Fact]
    public Task Werift_SpeaksAndTypesOverPcmu() => ConverseAsync(Answering.Local, "werift");

    private async Task<IReadOnlyList<JsonElement>> ConverseAsync(Answering answering, string peer)
    {
        using var client = new NodeClient();
        var report = await client.RunAsync(servers.BaseUrl(answering), servers.Certificate, "peers.mjs", peer);
        var conversation = NodeClient.ConversationOf(report);
        Assert.Empty(conversation.Problems);
        Assert.Equal("Hello.", conversation.Heard);
        Assert.Equal("Hello to you.", conversation.Said);
        Assert.Equal("Good morning to you.", conversation.TypedAnswer);
        Assert.Equal(0, report.Single(line => line.GetProperty("step").GetString() == "spoken").GetProperty("deltas").GetInt32()); // audio is RTP
        Assert.Contains(report, line => line.GetProperty("step").GetString() == "closed");

        // The answer is what was said: half a second of it is found again in what was heard.
        var heard = MemoryMarshal.Cast<byte, short>(conversation.SpokenAudio);
        var (_, correlation) = AudioCheck.Find(Conversation.Hello.AsSpan(9_600, 4_800), heard.ToArray(), maximumLag: heard.Length - 4_800);
        Assert.True(correlation > 0.6, $"what was heard is not what was said: correlation {correlation:F2}");
        return report;
    }
}

using System.Text.Json;

namespace VoiceCarnival.Interop.Tests;

/// <summary>The SCTP of npm <c>werift</c>, written independently in TypeScript, against ours: without DTLS, over UDP, with datagrams lost on purpose.</summary>
public sealed class WeriftSctpTests(Servers servers)
{
    private const int Longest = 256 * 1024;

    [Theory]
    [InlineData("client", 0)]
    [InlineData("client", 10)]
    [InlineData("server", 0)]
    [InlineData("server", 10)]
    public async Task Werift_OpensSendsTheLongestMessageAndCloses_AndSoDoWe(string role, int loss)
    {
        var cancellation = TestContext.Current.CancellationToken;
        // The side that connects is the DTLS server there, which opens the odd streams.
        using var peer = new SctpOverUdp(opensEven: role == "client", loss / 100.0, seed: 1);
        using var client = new NodeClient();
        var running = client.RunAsync(peer.Address, servers.Certificate, "sctp.mjs", role);
        if (running.IsCompleted)
            await running;
        byte[] message = new byte[Longest];
        new Random(1).NextBytes(message);
        Assert.True(await Task.Run(() => peer.Converse(message, connects: role == "server", TimeSpan.FromSeconds(80)), cancellation), peer.Progress);
        var report = await running;
        Assert.Equal(["channel closed ours", "channel closed theirs", "closed", "connected", "echoed", "opened ours"], report.Select(Step).Order(StringComparer.Ordinal));
        var echoed = report.Single(line => line.GetProperty("step").GetString() == "echoed");
        Assert.Equal((Longest, true), (echoed.GetProperty("bytes").GetInt32(), echoed.GetProperty("same").GetBoolean()));
    }

    private static string Step(JsonElement line) =>
        line.TryGetProperty("label", out var label) ? $"{line.GetProperty("step")} {label}" : line.GetProperty("step").ToString();
}

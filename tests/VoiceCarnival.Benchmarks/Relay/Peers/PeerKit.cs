namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>Starts peers by name, all towards the same upstream.</summary>
/// <param name="upstreamPort">Where the upstream listens.</param>
/// <param name="folder">Our published server; null takes the one built beside this project.</param>
/// <param name="settings">Environment variables of our server.</param>
/// <param name="mayInstall">Peers that are missing may be installed.</param>
internal sealed class PeerKit(int upstreamPort, string? folder, IReadOnlyDictionary<string, string> settings, bool mayInstall)
{
    public async Task<RelayPeer> StartAsync(string name) => name switch
    {
        // No relay at all: the line that latencies are compared with.
        "direct" => new RelayPeer(name, upstreamPort, () => [], () => ValueTask.CompletedTask),
        "nginx" => await NginxPeer.StartAsync(upstreamPort, mayInstall),
        "yarp" => await YarpPeer.StartAsync(upstreamPort),
        "node" => await NodePeer.StartAsync(upstreamPort),
        "ours" or "ours-binary" => await StartOursAsync(name),
        _ => throw new UsageException("--peers knows direct, nginx, yarp, node, ours and ours-binary."),
    };

    private async Task<RelayPeer> StartOursAsync(string name)
    {
        var server = await ServerProcess.StartAsync(folder, new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["VoiceCarnival__Engine"] = "openai",
            ["VoiceCarnival__OpenAI__ApiKey"] = "sk-benchmark",
            ["VoiceCarnival__OpenAI__BaseUrl"] = $"http://127.0.0.1:{upstreamPort}/v1",
        });
        return new RelayPeer(name, server.Address.Port, () => [server.Id], server.DisposeAsync) { TakesBinary = name == "ours-binary" };
    }
}

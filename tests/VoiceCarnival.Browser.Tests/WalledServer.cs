namespace VoiceCarnival.Browser.Tests;

/// <summary>A server that a firewall stands before, for the tests of a class one after another; each finds the way open.</summary>
public sealed class WalledServer : IAsyncLifetime
{
    private readonly TestCertificate _certificate = new();
    private readonly WalledNetwork? _network;
    private readonly string _problem;
    private ServerProcess? _server;

    public WalledServer() => _network = WalledNetwork.TryCreate(out _problem);

    public async ValueTask InitializeAsync()
    {
        if (_network is not null)
            _server = await ServerProcess.StartBehindAsync(_network, _certificate);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _network?.Dispose();
        _certificate.Dispose();
    }

    /// <summary>The server and its wall, open; skips the test where there can be none.</summary>
    internal (WalledNetwork Network, ServerProcess Server) OrSkip()
    {
        Assert.SkipWhen(_server is null, _problem);
        _network!.Open();
        return (_network, _server!);
    }
}

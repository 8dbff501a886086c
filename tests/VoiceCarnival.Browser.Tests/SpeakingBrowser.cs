using Microsoft.Playwright;
using VoiceCarnival.Browser.Tests;

[assembly: AssemblyFixture(typeof(SpeakingBrowser))]

namespace VoiceCarnival.Browser.Tests;

/// <summary>A server and a browser whose microphone says two sentences over and over. All tests share them; each opens a page of its own.</summary>
public sealed class SpeakingBrowser : IAsyncLifetime
{
    public const string Microphone = "barge-in-48k.wav";
    private ServerProcess? _server;
    private Browser? _browser;

    internal Uri Address => _server!.Address;

    public async ValueTask InitializeAsync()
    {
        var browser = Browser.LaunchAsync(Microphone);
        _server = await ServerProcess.StartAsync();
        _browser = await browser;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    internal Task<TalkPage> OpenAsync(
        ViewportSize? size = null, ColorScheme scheme = ColorScheme.Light, bool reducedMotion = false, string? script = null, bool forcedColors = false, string path = "") =>
        _browser!.OpenAsync(new Uri(Address, path), size, scheme, reducedMotion, script, forcedColors);

    /// <summary>The page of another server.</summary>
    internal Task<TalkPage> OpenAsync(Uri address, bool bypassesPolicy = false, string? script = null) => _browser!.OpenAsync(address, script: script, bypassesPolicy: bypassesPolicy);
}

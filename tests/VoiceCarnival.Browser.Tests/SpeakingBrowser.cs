using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>A server and a browser whose microphone says two sentences over and over.</summary>
public sealed class SpeakingBrowser : IAsyncLifetime
{
    public const string Microphone = "barge-in-48k.wav";
    private ServerProcess? _server;
    private Browser? _browser;

    internal Uri Address => _server!.Address;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
        _browser = await Browser.LaunchAsync(Microphone);
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
}

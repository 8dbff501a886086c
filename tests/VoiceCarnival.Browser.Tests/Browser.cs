using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Chromium with a microphone that plays a WAV file in a loop, or with none that it may use.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Path of the browser: <c>CHROMIUM</c>, or Debian's.</summary>
    public static string Path => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium";

    public static async Task<Browser> LaunchAsync(string? microphone)
    {
        List<string> arguments =
        [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--autoplay-policy=no-user-gesture-required",
        ];
        if (microphone is not null)
        {
            arguments.AddRange(
            [
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                $"--use-file-for-fake-audio-capture={System.IO.Path.Combine(ServerProcess.Root, "tests", "assets", microphone)}",
            ]);
        }

        Assertions.SetDefaultExpectTimeout(20_000);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Args = arguments, Headless = true });
        return new Browser(playwright, browser);
    }

    /// <summary>Opens the page in a context of its own. <paramref name="script"/> runs before the page's own, to stand in for devices that are not here.</summary>
    public async Task<TalkPage> OpenAsync(
        Uri address, ViewportSize? size = null, ColorScheme scheme = ColorScheme.Light, bool reducedMotion = false, string? script = null, bool forcedColors = false, bool bypassesPolicy = false)
    {
        var context = await _browser.NewContextAsync(new()
        {
            ViewportSize = size ?? new ViewportSize { Width = 1280, Height = 800 },
            ColorScheme = scheme,
            IgnoreHTTPSErrors = address.Scheme == "https",
            BypassCSP = bypassesPolicy,
            ReducedMotion = reducedMotion ? ReducedMotion.Reduce : ReducedMotion.NoPreference,
            ForcedColors = forcedColors ? ForcedColors.Active : ForcedColors.None,
        });
        if (script is not null)
            await context.AddInitScriptAsync(script);
        var page = new TalkPage(await context.NewPageAsync());
        await page.GoToAsync(address);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

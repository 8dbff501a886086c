using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Debian's Firefox, driven over WebDriver BiDi (W3C), with a microphone that is an endless tone. Playwright's own driver needs a build of its own.</summary>
internal sealed class Firefox : IAsyncDisposable
{
    private const string Preferences = """
        user_pref("media.navigator.streams.fake", true);
        user_pref("media.navigator.permission.disabled", true);
        user_pref("media.autoplay.default", 0);
        user_pref("browser.shell.checkDefaultBrowser", false);
        user_pref("datareporting.policy.dataSubmissionEnabled", false);
        user_pref("app.update.enabled", false);
        user_pref("network.captive-portal-service.enabled", false);
        user_pref("network.connectivity-service.enabled", false);
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private string _context = "";
    private int _id;

    private Firefox(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>Path of the browser: <c>FIREFOX</c>, or Debian's.</summary>
    public static string Path => Environment.GetEnvironmentVariable("FIREFOX") is { Length: > 0 } path ? path : "/usr/bin/firefox-esr";

    public static async Task<Firefox> LaunchAsync()
    {
        string profile = Directory.CreateTempSubdirectory("firefox-").FullName;
        await File.WriteAllTextAsync(System.IO.Path.Combine(profile, "user.js"), Preferences);
        var start = new ProcessStartInfo(Path, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["HOME"] = profile;
        var firefox = new Firefox(Process.Start(start)!, profile);
        try
        {
            await firefox.ConnectAsync();
            return firefox;
        }
        catch
        {
            await firefox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a function in each page before its own scripts.</summary>
    public Task PreloadAsync(string function) => AskAsync("script.addPreloadScript", new { functionDeclaration = function });

    /// <summary>Loads the page anew, as the button for it does.</summary>
    public Task ReloadAsync() => AskAsync("browsingContext.reload", new { context = _context, wait = "complete" });

    public Task GoToAsync(Uri address) => AskAsync("browsingContext.navigate", new { context = _context, url = address.ToString(), wait = "complete" });

    /// <summary>Runs an async function of the page's, which returns what can be JSON.</summary>
    public async Task<JsonElement> EvaluateAsync(string function)
    {
        var answer = await AskAsync("script.evaluate", new { expression = $"({function})().then(result => JSON.stringify(result ?? null))", target = new { context = _context }, awaitPromise = true, userActivation = true });
        if (answer.GetProperty("type").GetString() != "success")
            throw new InvalidOperationException(answer.GetProperty("exceptionDetails").GetProperty("text").GetString());
        return JsonElement.Parse(answer.GetProperty("result").GetProperty("value").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of it still writes; the folder is a temporary one.
        }
    }

    private async Task ConnectAsync()
    {
        const string Listening = "WebDriver BiDi listening on ";
        using var limit = new CancellationTokenSource(Patience);
        while (await _process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.Contains(Listening, StringComparison.Ordinal))
                continue;
            _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
            _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            await _socket.ConnectAsync(new Uri(line.Split(Listening)[1].Trim() + "/session"), limit.Token);
            await AskAsync("session.new", new { capabilities = new { alwaysMatch = new { acceptInsecureCerts = true } } });
            var tree = await AskAsync("browsingContext.getTree", new { });
            _context = tree.GetProperty("contexts")[0].GetProperty("context").GetString()!;
            return;
        }

        throw new InvalidOperationException("Firefox ended before it could be driven.");
    }

    private async Task<JsonElement> AskAsync(string method, object parameters)
    {
        using var limit = new CancellationTokenSource(Patience);
        int id = ++_id;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        while (true)
        {
            var message = await ReceiveAsync(limit.Token);
            if (!message.TryGetProperty("id", out var answered) || answered.ValueKind != JsonValueKind.Number || answered.GetInt32() != id)
                continue;
            return message.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {message.GetRawText()}");
        }
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer, cancellationToken);
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
        while (!received.EndOfMessage);
        return JsonElement.Parse(text.ToString());
    }
}

using System.Net;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Somebody else's site on this machine: one empty page, without our content security policy, and the scripts of a folder.</summary>
internal sealed class Frontend : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string? _folder;

    /// <param name="folder">With the scripts, <c>*.mjs</c>; null for none.</param>
    public Frontend(string? folder = null)
    {
        _folder = folder;
        Origin = $"http://localhost:{ServerProcess.FreePort()}";
        _listener.Prefixes.Add(Origin + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Origin { get; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                string? script = _folder is null ? null : Path.Combine(_folder, Path.GetFileName(context.Request.Url!.LocalPath));
                bool isScript = script is not null && Path.GetExtension(script) == ".mjs" && File.Exists(script);
                context.Response.ContentType = isScript ? "text/javascript" : "text/html";
                context.Response.Close(isScript ? await File.ReadAllBytesAsync(script!) : "<!doctype html><title>Frontend</title>"u8.ToArray(), willBlock: true);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // closed
        }
    }
}

using System.Net;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Somebody else's site on this machine: one empty page, without our content security policy.</summary>
internal sealed class Frontend : IDisposable
{
    private readonly HttpListener _listener = new();

    public Frontend()
    {
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
                var response = (await _listener.GetContextAsync()).Response;
                response.ContentType = "text/html";
                response.Close("<!doctype html><title>Frontend</title>"u8.ToArray(), willBlock: true);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // closed
        }
    }
}

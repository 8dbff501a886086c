using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The built server as a process of its own on a free port of 127.0.0.1; it can be killed and started again at the same address.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly StringBuilder _log = new();
    private readonly int _port = FreePort();
    private Process? _process;

    private readonly string _scheme;

    private ServerProcess(IReadOnlyDictionary<string, string> settings)
    {
        _settings = settings;
        _scheme = settings.ContainsKey("Kestrel__Certificates__Default__Path") ? "https" : "http";
    }

    /// <summary>https when a certificate is among the settings.</summary>
    public Uri Address => new($"{_scheme}://127.0.0.1:{_port}");

    public static string Root { get; } = FindRoot();

    public static async Task<ServerProcess> StartAsync(params (string Key, string Value)[] settings)
    {
        var server = new ServerProcess(settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value));
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", Path.Combine(Root, "src", "VoiceCarnival.Server", "bin", configuration, "net10.0", "VoiceCarnival.Server.dll"))
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        foreach (var (key, value) in _settings)
            start.Environment[key] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
#pragma warning disable MA0039 // the certificate is of the test's own making, and only the health check goes this way
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
#pragma warning restore MA0039
        using var client = new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(2) };
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (_process.HasExited)
                break;
            try
            {
                if ((await client.GetAsync("/healthz")).IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The server did not come up:\n{_log}"));
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Note(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "VoiceCarnival.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("no repository root above the tests");
        return folder.FullName;
    }
}

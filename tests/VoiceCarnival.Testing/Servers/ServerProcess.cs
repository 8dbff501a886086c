using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Testing.Servers;

/// <summary>
/// The built server as a process of its own on a free port of 127.0.0.1; it can be killed and started again at the same address. A project that uses it refers to
/// the server's with <c>ReferenceOutputAssembly="false"</c>, so that it is built first.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly StringBuilder _log = new();
    private readonly TestCertificate? _certificate;
    private string[] _launcher = [];
    private Process? _process;

    private ServerProcess(IReadOnlyDictionary<string, string> settings, TestCertificate? certificate)
    {
        _settings = settings;
        _certificate = certificate;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private init; } = new($"http://127.0.0.1:{FreePort()}");

    /// <summary>Where it listens with TLS, when it was given a certificate.</summary>
    public Uri SecureAddress { get; private init; } = new($"https://127.0.0.1:{FreePort()}");

    /// <summary>A key of the server behind a wall.</summary>
    public const string OperatorKey = "key-of-the-operator-of-tests";

    /// <summary>The repository's root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Starts a server with settings by their keys, as <c>VoiceCarnival:Engine</c>.</summary>
    public static Task<ServerProcess> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, settings);

    /// <summary>Starts a server at a port that others were told of before.</summary>
    public static async Task<ServerProcess> StartAtAsync(int port, params (string Key, string Value)[] settings)
    {
        var server = new ServerProcess(settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value), null) { Address = new Uri($"http://127.0.0.1:{port}") };
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts a server that listens with TLS, too.</summary>
    public static async Task<ServerProcess> StartAsync(TestCertificate? certificate, params (string Key, string Value)[] settings)
    {
        var server = new ServerProcess(settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value), certificate);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts a server in the network namespace behind a wall; open to all who get there, and with a key for what only operators may ask.</summary>
    public static async Task<ServerProcess> StartBehindAsync(WalledNetwork network, TestCertificate certificate, params (string Key, string Value)[] settings)
    {
        (string, string)[] all = [("VoiceCarnival:Access:Authentication", "off"), ("VoiceCarnival:Access:ApiKeys:0:Name", "test"), ("VoiceCarnival:Access:ApiKeys:0:Key", OperatorKey), .. settings];
        var server = new ServerProcess(all.ToDictionary(s => s.Item1.Replace(":", "__", StringComparison.Ordinal), s => s.Item2), certificate)
        {
            Address = new Uri($"http://{network.Inside}:5080"),
            SecureAddress = new Uri($"https://{network.Inside}:5443"),
            _launcher = network.Launcher,
        };
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it (again), and returns when it answers.</summary>
    public async Task StartAsync()
    {
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        string[] command = [.. _launcher, "dotnet", Path.Combine(Root, "src", "VoiceCarnival.Server", "bin", configuration, "net10.0", "VoiceCarnival.Server.dll")];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["ASPNETCORE_URLS"] = _certificate is null ? Address.ToString() : $"{Address};{SecureAddress}";
        if (_certificate is not null)
        {
            start.Environment["Kestrel__Certificates__Default__Path"] = _certificate.PfxPath;
            start.Environment["Kestrel__Certificates__Default__Password"] = TestCertificate.Password;
        }

        // The echo of most tests is the caller's own sound, whatever is installed on this machine.
        start.Environment["VoiceCarnival__Local__Echo"] = "audio";
        start.Environment["VoiceCarnival__Local__SpeechToText__Provider"] = "none";
        foreach (var (key, value) in _settings)
            start.Environment[key] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(2) };
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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
    }

    /// <summary>A port of 127.0.0.1 that was free a moment ago.</summary>
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

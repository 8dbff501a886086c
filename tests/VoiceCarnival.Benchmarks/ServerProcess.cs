using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Benchmarks;

/// <summary>A gateway of our own, started on a free port of this machine and stopped again.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const string Dll = "VoiceCarnival.Server.dll";
    private const int Sigterm = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5); // with a build before it
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly List<string> _output = [];

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to the first 200.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <param name="folder">A published server; null takes the one built beside this project.</param>
    /// <param name="settings">Environment variables.</param>
    public static async Task<ServerProcess> StartAsync(string? folder, IReadOnlyDictionary<string, string> settings)
    {
        (string dll, string workingFolder) = Locate(folder);
        return await StartAsync([dll], workingFolder, settings);
    }

    /// <summary>As a developer does in a built tree, through the SDK.</summary>
    /// <param name="looksAtBuild">The SDK looks first whether the build is up to date.</param>
    /// <param name="settings">Environment variables.</param>
    public static Task<ServerProcess> RunProjectAsync(bool looksAtBuild, IReadOnlyDictionary<string, string> settings)
    {
        (_, string root) = Locate(null);
        string[] arguments = ["run", "-c", Configuration, "--project", "src/VoiceCarnival.Server", .. looksAtBuild ? [] : (string[])["--no-build"]];
        return StartAsync(arguments, root, settings);
    }

    private static async Task<ServerProcess> StartAsync(string[] arguments, string workingFolder, IReadOnlyDictionary<string, string> settings)
    {
        int port = FreePort.Find();
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        // This machine only, a local engine, and limits that are not what is measured.
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["VoiceCarnival__Engine"] = "local";
        start.Environment["VoiceCarnival__Local__Echo"] = "audio";
        start.Environment["VoiceCarnival__Local__SpeechToText__Provider"] = "none";
        start.Environment["VoiceCarnival__Sip__Enabled"] = "false";
        start.Environment["VoiceCarnival__Limits__MaxSessions"] = "100000";
        start.Environment["VoiceCarnival__Limits__MaxSessionsPerAddress"] = "100000";
        start.Environment["VoiceCarnival__Limits__SessionStartsPerMinute"] = "1000000";
        start.Environment["VoiceCarnival__Limits__ApiRequestsPerMinute"] = "1000000";
        foreach (var setting in settings)
        {
            start.Environment[setting.Key] = setting.Value;
        }

        long began = Stopwatch.GetTimestamp();
        var server = new ServerProcess(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await server.WaitUntilHealthyAsync(began);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        server.StartTime = Stopwatch.GetElapsedTime(began);
        return server;
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    /// <summary>Asks the server to stop, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Sigterm);
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static (string Dll, string WorkingFolder) Locate(string? folder)
    {
        if (folder is not null)
        {
            folder = Path.GetFullPath(folder);
            string published = Path.Combine(folder, Dll);
            return File.Exists(published) ? (published, folder) : throw new UsageException($"There is no {Dll} in {folder}.");
        }

        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "VoiceCarnival.sln")))
        {
            root = root.Parent;
        }

        string built = Path.Combine(root?.FullName ?? ".", "src/VoiceCarnival.Server/bin", Configuration, "net10.0", Dll);
        return root is not null && File.Exists(built)
            ? (built, root.FullName)
            : throw new UsageException($"The server is not built ({built}). Build it, or give --server.");
    }

    private static string Configuration => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    private async Task WaitUntilHealthyAsync(long began)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var health = new Uri(Address, "/healthz");
        HttpStatusCode? status = null;
        while (Stopwatch.GetElapsedTime(began) < StartLimit && !_process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync(health);
                status = answer.StatusCode;
                if (status == HttpStatusCode.OK)
                {
                    return;
                }

                await Task.Delay(100);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
                await Task.Delay(2);
            }
        }

        string why = _process.HasExited ? $"it ended with {_process.ExitCode}" : $"/healthz answers {(status is { } code ? (int)code : "nothing")}";
        lock (_output)
        {
            throw new UsageException($"The server did not become healthy: {why}.\n{string.Join('\n', _output.TakeLast(20))}");
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            // Read and dropped after the start: a full pipe would stop the server.
            if (line.Data is not null && _output.Count < 200)
            {
                _output.Add(line.Data);
            }
        }
    }
}

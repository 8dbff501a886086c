using System.Diagnostics;
using VoiceCarnival.Benchmarks.Relay.Peers;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>Janus with nothing but its echo test and REST, on this machine only, its settings in a folder of its own.</summary>
internal sealed class JanusPeer : IAsyncDisposable
{
    private const string Program = "/usr/bin/janus";
    private readonly Process _process;
    private readonly string _folder;

    private JanusPeer(Process process, string folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

    public int Id => _process.Id;

    /// <summary>Where it is asked (<see cref="JanusCall"/>).</summary>
    public Uri Address { get; }

    /// <exception cref="MissingPeerException">It is not installed.</exception>
    public static async Task<JanusPeer> StartAsync()
    {
        string? plugins = Directory.Exists("/usr/lib") ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(folder => Path.Combine(folder, "janus")).FirstOrDefault(Directory.Exists) : null;
        if (!File.Exists(Program) || plugins is null)
            throw new MissingPeerException("Janus is not installed; on Debian: apt-get install janus");
        int port = FreePort.Find();
        string folder = Directory.CreateTempSubdirectory("janus").FullName;
        // It loads all that lies in a folder.
        await File.WriteAllTextAsync(Path.Combine(folder, "janus.jcfg"), $$"""
            general: {
              configs_folder = "{{folder}}"
              plugins_folder = "{{Only(folder, "echo", Path.Combine(plugins, "plugins", "libjanus_echotest.so"))}}"
              transports_folder = "{{Only(folder, "rest", Path.Combine(plugins, "transports", "libjanus_http.so"))}}"
              events_folder = "{{folder}}"
              loggers_folder = "{{folder}}"
              session_timeout = 0
              debug_level = 2
            }
            nat: { ice_lite = true }
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "janus.transport.http.jcfg"), $$"""
            general: { json = "compact", base_path = "/janus", http = true, port = {{port}}, ip = "127.0.0.1", https = false }
            admin: { admin_http = false }
            """);
        var process = Process.Start(new ProcessStartInfo(Program, ["-F", folder, "-C", Path.Combine(folder, "janus.jcfg")])
        { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        // Read and dropped: a full pipe would stop it.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var peer = new JanusPeer(process, folder, new Uri($"http://127.0.0.1:{port}/janus"));
        await PeerStart.WaitAsync(port, process);
        return peer;
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Only(string folder, string name, string library)
    {
        string only = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.CreateSymbolicLink(Path.Combine(only, Path.GetFileName(library)), library);
        return only;
    }
}

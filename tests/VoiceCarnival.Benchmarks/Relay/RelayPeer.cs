using System.Diagnostics;
using System.Globalization;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>A relay that runs beside us: where it listens and which processes it consists of.</summary>
internal sealed class RelayPeer(string name, int port, Func<IReadOnlyList<int>> processes, Func<ValueTask> stop) : IAsyncDisposable
{
    public string Name => name;

    public Uri Address => new($"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime");

    /// <summary>Processor time and memory of all its processes.</summary>
    public (TimeSpan Processor, long Resident) Usage()
    {
        var used = processes().Select(id => ProcessUsage.Read(id)).OfType<ProcessUsage>().ToList();
        return (TimeSpan.FromTicks(used.Sum(u => u.Processor.Ticks)), used.Sum(u => u.ResidentBytes));
    }

    public ValueTask DisposeAsync() => stop();

    /// <summary>No relay at all: the line that latencies are compared with.</summary>
    public static RelayPeer Direct(int upstreamPort) => new("direct", upstreamPort, () => [], () => ValueTask.CompletedTask);

    /// <summary>The gateway with the OpenAI engine.</summary>
    public static async Task<RelayPeer> OursAsync(string name, int upstreamPort, string? folder, IReadOnlyDictionary<string, string> settings)
    {
        var server = await ServerProcess.StartAsync(folder, new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["VoiceCarnival__Engine"] = "openai",
            ["VoiceCarnival__OpenAI__ApiKey"] = "sk-benchmark",
            ["VoiceCarnival__OpenAI__BaseUrl"] = $"http://127.0.0.1:{upstreamPort}/v1",
        });
        return new RelayPeer(name, server.Address.Port, () => [server.Id], server.DisposeAsync);
    }

    /// <summary>nginx with its own settings in a folder of its own; null when it is not installed.</summary>
    public static async Task<RelayPeer?> NginxAsync(int upstreamPort, int port)
    {
        string? program = ((string[])["/usr/sbin/nginx", "/usr/bin/nginx"]).FirstOrDefault(File.Exists);
        if (program is null)
            return null;
        string folder = Directory.CreateTempSubdirectory("relay-nginx").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; pid {{folder}}/nginx.pid; error_log stderr crit; worker_processes auto;
            events { worker_connections 8192; }
            http {
              access_log off; client_body_temp_path {{folder}}/a; proxy_temp_path {{folder}}/b; fastcgi_temp_path {{folder}}/c; uwsgi_temp_path {{folder}}/d; scgi_temp_path {{folder}}/e;
              server { listen 127.0.0.1:{{port}}; location / { proxy_pass http://127.0.0.1:{{upstreamPort}}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 600s; } }
            }
            """);
        var process = Process.Start(new ProcessStartInfo(program, ["-c", Path.Combine(folder, "nginx.conf"), "-p", folder]) { UseShellExecute = false })!;
        await Task.Delay(500);
        return new RelayPeer("nginx", port, () => [process.Id, .. ChildrenOf(process.Id)], () =>
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            Directory.Delete(folder, recursive: true);
            return ValueTask.CompletedTask;
        });
    }

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        string file = $"/proc/{parent}/task/{parent}/children";
        return File.Exists(file)
            ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            : [];
    }
}

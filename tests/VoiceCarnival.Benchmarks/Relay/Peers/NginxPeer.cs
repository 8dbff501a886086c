using System.Diagnostics;
using System.Globalization;

namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>nginx with <c>proxy_pass</c> and upgrade, its settings in a folder of its own.</summary>
internal static class NginxPeer
{
    private static readonly string[] Places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

    public static async Task<RelayPeer> StartAsync(int upstreamPort, bool mayInstall)
    {
        if (!Places.Any(File.Exists) && mayInstall)
            await InstallAsync();
        string program = Places.FirstOrDefault(File.Exists)
            ?? throw new MissingPeerException("nginx is not installed; on Debian: apt-get install nginx-light, or give --install as root");
        int port = FreePort.Find();
        string folder = Directory.CreateTempSubdirectory("relay-nginx").FullName;
        string settings = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(settings, $$"""
            daemon off; pid {{folder}}/nginx.pid; error_log stderr crit; worker_processes auto;
            events { worker_connections 16384; }
            http {
              access_log off; client_body_temp_path {{folder}}/a; proxy_temp_path {{folder}}/b; fastcgi_temp_path {{folder}}/c; uwsgi_temp_path {{folder}}/d; scgi_temp_path {{folder}}/e;
              server {
                listen 127.0.0.1:{{port}};
                location / {
                  proxy_pass http://127.0.0.1:{{upstreamPort}}; proxy_http_version 1.1; proxy_read_timeout 600s;
                  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
                }
              }
            }
            """);
        var process = Process.Start(new ProcessStartInfo(program, ["-c", settings, "-p", folder]) { UseShellExecute = false })!;
        await PeerStart.WaitAsync(port, process);
        return new RelayPeer("nginx", port, () => [process.Id, .. WorkersOf(process.Id)], () =>
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            Directory.Delete(folder, recursive: true);
            return ValueTask.CompletedTask;
        });
    }

    private static IEnumerable<int> WorkersOf(int parent)
    {
        string file = $"/proc/{parent}/task/{parent}/children";
        return File.Exists(file)
            ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            : [];
    }

    private static async Task InstallAsync()
    {
        try
        {
            // The package would start a server of its own where there is an init system; that one is not ours to use.
            using var apt = Process.Start(new ProcessStartInfo("apt-get", ["install", "-y", "-qq", "nginx-light"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            await apt.StandardOutput.ReadToEndAsync();
            await apt.WaitForExitAsync();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No apt here; what is missing is said by who looks for it.
        }
    }
}

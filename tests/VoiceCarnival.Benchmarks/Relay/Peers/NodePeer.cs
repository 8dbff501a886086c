using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>A relay in Node with the package <c>ws</c>, as most are written.</summary>
internal static class NodePeer
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Relay/Peers/node");

    public static async Task<RelayPeer> StartAsync(int upstreamPort)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules/ws")))
            await InstallAsync();
        int port = FreePort.Find();
        var process = Start("node", ["relay.mjs", port.ToString(CultureInfo.InvariantCulture), upstreamPort.ToString(CultureInfo.InvariantCulture)]);
        await PeerStart.WaitAsync(port, process);
        return new RelayPeer("node", port, () => [process.Id], () =>
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    private static async Task InstallAsync()
    {
        using var npm = Start("npm", ["ci", "--no-audit", "--no-fund", "--silent"]);
        await npm.WaitForExitAsync();
        if (npm.ExitCode != 0)
            throw new MissingPeerException("npm ci could not install the package ws");
    }

    private static Process Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, UseShellExecute = false })!;
        }
        catch (Win32Exception)
        {
            throw new MissingPeerException($"{program} is not installed: https://nodejs.org");
        }
    }
}

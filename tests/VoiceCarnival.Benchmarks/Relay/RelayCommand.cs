using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>What relaying costs: each peer carries the same sessions between the same callers and the same upstream.</summary>
internal static class RelayCommand
{
    private static readonly string[] AllPeers = ["direct", "nginx", "ours", "ours-binary"];

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args, ["sessions", "seconds", "peers", "server", "env"], []);
        int sessions = arguments.Number("sessions", 100, 1, 5000);
        int seconds = arguments.Number("seconds", 20, 1, 3600);
        string[] peers = arguments.Text("peers")?.Split(',') ?? AllPeers;
        int upstreamPort = FreePort();
        using var upstream = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. HostArguments(), "relay-upstream", upstreamPort.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false })!;
        try
        {
            await Task.Delay(1500);
            Console.WriteLine($"{sessions} sessions, 50 frames/s of 20 ms each way, {seconds} s");
            Console.WriteLine("peer          CPU us/pair   vs nginx   p50 ms   p99 ms   max ms   kB/session   lost");
            double? nginx = null;
            foreach (string name in peers)
            {
                await using var peer = name switch
                {
                    "direct" => RelayPeer.Direct(upstreamPort),
                    "nginx" => await RelayPeer.NginxAsync(upstreamPort, FreePort()),
                    "ours" or "ours-binary" => await RelayPeer.OursAsync(name, upstreamPort, arguments.Text("server"), arguments.Settings("env")),
                    _ => throw new UsageException($"--peers knows {string.Join(", ", AllPeers)}."),
                };
                if (peer is null)
                {
                    Console.WriteLine($"{name,-12}  skipped: it is not installed");
                    continue;
                }

                var (cost, line) = await MeasureAsync(peer, sessions, seconds, name == "ours-binary");
                nginx = name == "nginx" ? cost : nginx;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12}  {cost,11:F1}   {cost / nginx,8:F2}   {line}"));
            }

            return 0;
        }
        finally
        {
            upstream.Kill(entireProcessTree: true);
        }
    }

    private static async Task<(double MicrosecondsPerPair, string Line)> MeasureAsync(RelayPeer peer, int count, int seconds, bool isBinary)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        var latency = new Histogram();
        var (_, empty) = peer.Usage();
        var sessions = new List<(RelaySession Session, WebSocketLink Link)>();
        for (int i = 0; i < count; i++)
            sessions.Add(await RelaySession.OpenAsync(http, peer.Address, latency, isBinary));
        using var stop = new CancellationTokenSource();
        var sending = new Thread(() => Send([.. sessions.Select(s => s.Session)], stop.Token)) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        sending.Start();
        await Task.Delay(TimeSpan.FromSeconds(Math.Min(5, seconds))); // tiers of the compiler, pools

        sessions.ForEach(s => s.Session.IsMeasured = true);
        var (before, _) = peer.Usage();
        long receivedBefore = sessions.Sum(s => s.Session.Received);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var (after, resident) = peer.Usage();
        long pairs = sessions.Sum(s => s.Session.Received) - receivedBefore;
        stop.Cancel();
        sending.Join();
        await Task.Delay(500);
        long lost = Math.Max(0, sessions.Sum(s => s.Session.Sent) - sessions.Sum(s => s.Session.Received));
        sessions.ForEach(s => s.Link.Abort());
        double cost = (after - before).TotalMicroseconds / Math.Max(1, pairs);
        return (cost, string.Create(CultureInfo.InvariantCulture,
            $"{latency.Percentile(50),6:F2}   {latency.Percentile(99),6:F2}   {latency.MaximumMilliseconds,6:F1}   {(resident - empty) / 1024.0 / count,10:F0}   {lost,4}"));
    }

    // Every session has its own moment within the 20 ms.
    private static void Send(RelaySession[] sessions, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        for (long tick = 0; !stop.IsCancellationRequested; tick++)
        {
            for (int i = (int)(tick % 20); i < sessions.Length; i += 20)
                sessions[i].SendFrame();
            var ahead = TimeSpan.FromMilliseconds(tick + 1) - Stopwatch.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero)
                Thread.Sleep(ahead);
        }
    }

    private static string[] HostArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(RelayCommand).Assembly.Location] : [];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

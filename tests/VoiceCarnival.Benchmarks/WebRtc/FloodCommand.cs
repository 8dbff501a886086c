using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>What strangers' datagrams to the port of all calls cost, and what a call that runs notices of them, in both directions.</summary>
internal static class FloodCommand
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args, ["rate", "seconds", "server", "env"], []);
        int rate = arguments.Number("rate", 50_000, 1000, 1_000_000);
        var duration = TimeSpan.FromSeconds(arguments.Number("seconds", 6, 1, 600));
        await using var server = await ServerProcess.StartAsync(arguments.Text("server"), arguments.Settings("env"));
        using var client = new HttpClient { BaseAddress = server.Address };
        using var peer = new RtcPeer(RtcPeerOptions.Opus);
        await peer.CallAsync(client);
        var listener = new Listener(peer);
        using var speaking = new CancellationTokenSource();
        var sending = new Thread(() => Speak(peer, speaking.Token)) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        sending.Start();
        await Task.Delay(Settling);

        await MeasureAsync("nobody", () => 0);
        using var stranger = new UdpFlood();
        var random = new Random(7);
        foreach (var (name, datagrams) in Kinds(random, peer.ServerUfrag))
        {
            await MeasureAsync(name, () => stranger.Send(peer.Server, datagrams, rate, duration));
            await Task.Delay(1000);
        }

        await speaking.CancelAsync();
        return 0;

        async Task MeasureAsync(string name, Func<long> flood)
        {
            var spacing = new Histogram();
            listener.Begin(spacing);
            var (received, lost) = (listener.Received, listener.Lost);
            long missed = await MissedAsync(client);
            var before = ProcessUsage.Read(server.Id)!.Value.Processor;
            long began = Stopwatch.GetTimestamp();
            long sent = await Task.Factory.StartNew(flood, TaskCreationOptions.LongRunning);
            if (sent == 0)
                await Task.Delay(duration);
            var elapsed = Stopwatch.GetElapsedTime(began);
            double cores = (ProcessUsage.Read(server.Id)!.Value.Processor - before) / elapsed;
            missed = await MissedAsync(client) - missed;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}, {sent / elapsed.TotalSeconds:F0}/s: server {cores:F2} cores; the call hears {listener.Received - received} packets of {elapsed / Frame:F0}, {listener.Lost - lost} lost, spacing {spacing.Percentile(99):F1} ms p99; of its own {missed} are lost"));
        }
    }

    // Each as much as needs to be looked at before it is dropped; a thousand that differ.
    private static IEnumerable<(string Name, byte[][] Datagrams)> Kinds(Random random, string ufrag)
    {
        yield return ("random bytes", Make(_ => Noise(random.Next(1, 1400))));
        yield return ("ClientHellos", Make(_ => [22, 0xFE, 0xFF, 0, 0, .. Noise(395)]));
        yield return ("media", Make(_ => [0x80, .. Noise(171)]));
        yield return ("checks for nobody", Make(i => Check($"none{i:D4}:abcd")));
        yield return ("checks for the call, signed with another password", Make(_ => Check(ufrag + ":abcd")));

        byte[][] Make(Func<int, byte[]> one) => [.. Enumerable.Range(0, 1000).Select(one)];

        byte[] Noise(int length)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }

        byte[] Check(string username)
        {
            var buffer = new byte[200];
            var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, StunTransactionId.Read(Noise(12)));
            writer.Add(StunAttributeType.Username, username);
            writer.AddMessageIntegrity("not the password of anybody"u8);
            writer.AddFingerprint();
            return buffer[..writer.Length];
        }
    }

    private static void Speak(RtcPeer peer, CancellationToken cancellationToken)
    {
        using var encoder = AudioCodecs.Opus.CreateEncoder();
        var payload = new byte[1280];
        int length = encoder.Encode(new short[AudioCodecs.Opus.SamplesOf(20)], payload);
        long began = Stopwatch.GetTimestamp();
        for (long frame = 1; !cancellationToken.IsCancellationRequested; frame++)
        {
            peer.SendRtp(payload.AsSpan(0, length));
            var wait = frame * Frame - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
                Thread.Sleep(wait);
        }
    }

    // Of the caller's packets, by the server's account.
    private static async Task<long> MissedAsync(HttpClient client)
    {
        using var sessions = JsonDocument.Parse(await client.GetStringAsync("/api/sessions"));
        return sessions.RootElement.GetProperty("sessions")[0].GetProperty("media").GetProperty("packets_lost").GetInt64();
    }
}

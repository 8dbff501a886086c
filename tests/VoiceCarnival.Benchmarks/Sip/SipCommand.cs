using System.Diagnostics;
using System.Net;

namespace VoiceCarnival.Benchmarks.Sip;

/// <summary>Phone calls to a server of its own over UDP, PCMU, with the local engine's echo behind them.</summary>
internal static class SipCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        string what = args.FirstOrDefault() ?? "";
        var arguments = new Arguments(args.Length == 0 ? [] : args[1..], ["calls", "rate", "seconds", "server", "env", "times", "batches", "calm"], ["accounts"]);
        return what switch
        {
            "calls" => await CallsAsync(arguments),
            "setups" => await SetUpsAsync(arguments),
            "serial" => await SerialAsync(arguments),
            "flood" => await FloodAsync(arguments),
            "latency" => await LatencyAsync(arguments),
            "barge-in" => await BargeInAsync(arguments),
            _ => throw new UsageException("sip is followed by calls, setups, serial, flood, latency or barge-in."),
        };
    }

    // Many at a time: how evenly packets come, and whether all do; then the same calls into sipp's echo.
    private static async Task<int> CallsAsync(Arguments arguments)
    {
        int calls = arguments.Number("calls", 200, 1, 5000);
        int seconds = arguments.Number("seconds", 20, 1, 3600);
        var (server, address) = await StartAsync(arguments);
        await using (server)
        {
            using var generator = new SipGenerator(address);
            var usage = ProcessUsage.Read(server.Id)!.Value;
            await PlaceAsync(generator, calls / 2);
            var half = ProcessUsage.Read(server.Id)!.Value;
            await PlaceAsync(generator, calls - calls / 2);
            var all = ProcessUsage.Read(server.Id)!.Value;
            double cores = await MeasureAsync(generator, 0, seconds, () => ProcessUsage.Read(server.Id)!.Value.Processor);
            Report("this server", generator, calls, seconds, cores);
            var after = ProcessUsage.Read(server.Id)!.Value;
            Print($"  memory: {Kibibytes(half, all) / (calls - calls / 2):F0} KiB for each further call before much was said, {Kibibytes(usage, after) / calls:F0} a call with all that was said since");
            await generator.HangUpAllAsync();
        }

        int port = FreePort.Find();
        using var sipp = Process.Start(new ProcessStartInfo("sipp", ["-sn", "uas", "-rtp_echo", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", $"{port}", "-nostdin"])
        { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        sipp.OutputDataReceived += (_, _) => { };
        sipp.BeginOutputReadLine();
        await Task.Delay(1000);
        using (var generator = new SipGenerator(new IPEndPoint(IPAddress.Loopback, port)))
        {
            double cores = await MeasureAsync(generator, calls, seconds, () => ProcessUsage.Read(sipp.Id)!.Value.Processor);
            Report("sipp -rtp_echo", generator, calls, seconds, cores);
        }

        sipp.Kill();
        return 0;
    }

    private static async Task<double> MeasureAsync(SipGenerator generator, int calls, int seconds, Func<TimeSpan> processor)
    {
        await PlaceAsync(generator, calls);
        await Task.Delay(TimeSpan.FromSeconds(5));
        generator.Restart();
        var before = processor();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        return (processor() - before).TotalSeconds / seconds;
    }

    private static async Task PlaceAsync(SipGenerator generator, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            if (await generator.CallAsync() is { Status: not 200 } refused)
                throw new UsageException($"Call {i} was refused with {refused.Status}.");
        }
    }

    private static double Kibibytes(ProcessUsage before, ProcessUsage after) => (after.ResidentBytes - before.ResidentBytes) / 1024.0;

    // What we add from mouth to ear: from the packet that a sound begins in to ours that it comes back in, with an engine that says each sound back from its first loud frame on. As the
    // kernel stamps arrivals; packets in order wait in no buffer of ours, so there is none to subtract.
    private static async Task<int> LatencyAsync(Arguments arguments)
    {
        int calls = arguments.Number("calls", 20, 1, 1000);
        int seconds = arguments.Number("seconds", 20, 1, 600);
        int port = FreePort.Find();
        await using var server = BenchmarkProcess.Start(isLean: false, "echo-server", $"{FreePort.Find()}", $"{port}");
        await server.ReadLineAsync();
        using var generator = new SipGenerator(new IPEndPoint(IPAddress.Loopback, port), makesSounds: true);
        double cores = await MeasureAsync(generator, calls, seconds, () => ProcessUsage.Read(server.Id)!.Value.Processor);
        Print($"{calls} calls, {seconds} s: sound in to the same sound out {generator.Delay.Percentile(50):F1} ms median, {generator.Delay.Percentile(95):F1} ms p95, {generator.Delay.Percentile(99):F1} ms p99, {generator.Delay.MaximumMilliseconds:F0} ms longest, of {generator.Delay.Count}; {generator.Lost} packets lost; our own packets {generator.Lag.Percentile(99):F1} ms late at p99; {cores:F2} cores");
        return generator.Delay.Count > 0 ? 0 : 1;
    }

    // A caller who speaks over the agent: until when he hears it.
    private static async Task<int> BargeInAsync(Arguments arguments)
    {
        int times = arguments.Number("times", 30, 1, 1000);
        string script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, """{"turns":[{"reply":[{"say":"It is a long story.","ms":30000}]}]}""");
        var (server, address) = await StartAsync(arguments,
            [("VoiceCarnival__Sip__Greets", "true"), ("VoiceCarnival__Local__Brain", "script"), ("VoiceCarnival__Local__Script", script)]);
        await using var _ = server;
        var spoken = new Histogram();
        for (int i = 0; i < times; i++)
        {
            using var phone = new InterruptingPhone(address);
            spoken.Record(await Task.Run(phone.Run));
        }

        File.Delete(script);
        Print($"{times} interruptions: from the packet that the caller's word begins in to the last of the agent's sound {spoken.Percentile(50):F0} ms median, {spoken.Percentile(95):F0} ms p95, {spoken.MaximumMilliseconds:F0} ms longest");
        return 0;
    }

    private static void Report(string peer, SipGenerator generator, int calls, int seconds, double cores) =>
        Print($"{peer}: {calls} calls, {seconds} s: {generator.Received} packets of {calls * seconds * 50}, {generator.Lost} lost; spacing {generator.Spacing.Percentile(50):F1} ms median, {generator.Spacing.Percentile(99):F1} ms p99, {generator.Spacing.MaximumMilliseconds:F0} ms longest; our own packets {generator.Lag.Percentile(99):F1} ms late at p99; {cores:F2} cores");

    // So many a second: how soon they are answered.
    private static async Task<int> SetUpsAsync(Arguments arguments)
    {
        int rate = arguments.Number("rate", 100, 1, 2000);
        int seconds = arguments.Number("seconds", 20, 1, 600);
        var (server, address) = await StartAsync(arguments);
        await using var _ = server;
        using var generator = new SipGenerator(address);
        for (int i = 0; i < 200; i++) // until then the compiler is at work
            await generator.HangUpAsync((await generator.CallAsync()).Call);
        var times = new Histogram();
        int refused = 0;
        long answered = 0;
        var before = ProcessUsage.Read(server.Id)!.Value;
        long began = Stopwatch.GetTimestamp();
        var running = new List<Task>();
        for (int i = 0; i < rate * seconds; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.FromMilliseconds(1))
                await Task.Delay(wait);
            running.Add(OneAsync());
        }

        await Task.WhenAll(running);
        double cores = (ProcessUsage.Read(server.Id)!.Value.Processor - before.Processor) / Stopwatch.GetElapsedTime(began);
        var elapsed = Stopwatch.GetElapsedTime(began, answered); // to the last answer; then calls are only hung up
        Print($"{rate * seconds / elapsed.TotalSeconds:F1} set-ups/s: INVITE to 200 {times.Percentile(50):F1} ms median, {times.Percentile(99):F1} ms p99, {times.MaximumMilliseconds:F0} ms longest; {refused} refused; {cores:F2} cores");
        return 0;

        async Task OneAsync()
        {
            var (call, status, time) = await generator.CallAsync();
            times.Record(time);
            answered = Stopwatch.GetTimestamp();
            if (status != 200)
                Interlocked.Increment(ref refused);
            await Task.Delay(500);
            await generator.HangUpAsync(call);
        }
    }

    // One after another: what they leave behind, and whether as many again leave more.
    private static async Task<int> SerialAsync(Arguments arguments)
    {
        int calls = arguments.Number("calls", 10_000, 10, 1_000_000);
        int batches = arguments.Number("batches", 1, 1, 100);
        var calm = TimeSpan.FromSeconds(arguments.Number("calm", 80, 1, 3600)); // transactions are kept for 32 s, and what they leave is tidied up a while later
        var (server, address) = await StartAsync(arguments);
        await using var _ = server;
        using var generator = new SipGenerator(address);
        await RunAsync(Math.Min(1000, calls));
        await Task.Delay(calm);
        for (int batch = 0; batch < batches; batch++)
        {
            var before = ProcessUsage.Read(server.Id)!.Value;
            long began = Stopwatch.GetTimestamp();
            await RunAsync(calls);
            var elapsed = Stopwatch.GetElapsedTime(began);
            var during = ProcessUsage.Read(server.Id)!.Value;
            await Task.Delay(calm);
            var after = ProcessUsage.Read(server.Id)!.Value;
            Print($"{calls} calls one after another, {calls / elapsed.TotalSeconds:F0} a second: memory {before.ResidentBytes >> 20} MiB, {during.ResidentBytes >> 20} at their end, {after.ResidentBytes >> 20} MiB {calm.TotalSeconds:F0} s later; open files {before.OpenFiles}, then {after.OpenFiles}; threads {before.Threads}, then {after.Threads}");
        }

        return 0;

        async Task RunAsync(int count)
        {
            for (int i = 0; i < count; i++)
                await generator.HangUpAsync((await generator.CallAsync()).Call);
        }
    }

    // Strangers' INVITEs, from an address that is no peer's, while a peer's call runs.
    private static async Task<int> FloodAsync(Arguments arguments)
    {
        int rate = arguments.Number("rate", 50_000, 1000, 1_000_000);
        int seconds = arguments.Number("seconds", 10, 1, 600);
        (string, string)[] accounts = arguments.Flag("accounts") ? [("VoiceCarnival__Sip__Accounts__0__User", "ann"), ("VoiceCarnival__Sip__Accounts__0__Password", "secret")] : [];
        var (server, address) = await StartAsync(arguments, [("VoiceCarnival__Sip__Peers__0", "127.0.0.1"), .. accounts]);
        await using var _ = server;
        using var generator = new SipGenerator(address);
        double quiet = await MeasureAsync(generator, 1, 5, () => ProcessUsage.Read(server.Id)!.Value.Processor);
        generator.Restart();
        var before = ProcessUsage.Read(server.Id)!.Value.Processor;
        long sent = 0;
        long began = Stopwatch.GetTimestamp();
        using var stranger = new UdpFlood();
        byte[][] invites = [.. Enumerable.Range(0, 1000).Select(i => SipGenerator.Invite($"flood{i}", stranger.From, address))];
        var flood = new Thread(() => sent = stranger.Send(address, invites, rate, TimeSpan.FromSeconds(seconds)));
        flood.Start();
        flood.Join();
        var elapsed = Stopwatch.GetElapsedTime(began);
        double cores = (ProcessUsage.Read(server.Id)!.Value.Processor - before) / elapsed - quiet;
        Print($"{sent / elapsed.TotalSeconds:F0} INVITEs/s of strangers{(accounts.Length > 0 ? ", where there are accounts" : "")}: {cores:F2} cores; a call that runs: {generator.Received} packets of {elapsed.TotalSeconds * 50:F0}, {generator.Lost} lost, spacing {generator.Spacing.Percentile(99):F1} ms p99");
        return 0;
    }

    private static async Task<(ServerProcess Server, IPEndPoint Address)> StartAsync(Arguments arguments, params (string Name, string Value)[] more)
    {
        int port = FreePort.Find();
        var settings = new Dictionary<string, string>(arguments.Settings("env"))
        {
            ["VoiceCarnival__Sip__Enabled"] = "true",
            ["VoiceCarnival__Sip__Port"] = $"{port}",
            ["VoiceCarnival__Sip__Greets"] = "false",
            ["VoiceCarnival__Sip__MaxCalls"] = "10000",
            ["VoiceCarnival__Sip__MaxCallsPerAddress"] = "10000",
            ["VoiceCarnival__Sip__MaxCallsPerSecond"] = "10000",
            ["VoiceCarnival__Sip__MaxCallsPerSecondPerAddress"] = "10000",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return (await ServerProcess.StartAsync(arguments.Text("server"), settings), new IPEndPoint(IPAddress.Loopback, port));
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}

using System.Globalization;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Benchmarks.Sctp;

/// <summary>How long data channels take over lines of all kinds, in virtual time: the figures depend on the seeds alone, not on the machine.</summary>
internal static class SctpCommand
{
    private const int Length = 256 * 1024;
    private const double Patience = 600;

    private static IEnumerable<SctpScenario> Scenarios =>
    [
        new("clean") { Delay = 20 },
        new("loss 1 %") { Delay = 20, Loss = 0.01 },
        new("loss 5 %") { Delay = 20, Loss = 0.05 },
        new("loss 10 %") { Delay = 20, Loss = 0.10 },
        new("loss 25 %") { Delay = 20, Loss = 0.25 },
        new("loss 40 %") { Delay = 20, Loss = 0.40 },
        new("local, loss 25 %") { Delay = 0.2, Loss = 0.25 },
        new("delay 300 ms") { Delay = 300 },
        new("delay 300 ms, loss 5 %") { Delay = 300, Loss = 0.05 },
        new("delay 300 ms, loss 25 %") { Delay = 300, Loss = 0.25 },
        new("jitter 60 ms") { Delay = 20, Jitter = 60 },
        new("jitter 60 ms, loss 5 %, doubled 10 %") { Delay = 20, Jitter = 60, Loss = 0.05, Duplication = 0.10 },
        new("path changes, 20 and 200 ms") { Delay = 20, OtherDelay = 200 },
        new("line gone for 3 s") { Delay = 20, Outage = 3 },
        new("1 Mbit/s, queue 32 KiB") { Delay = 20, Rate = 125_000, Queue = 32 * 1024 },
        new("1 Mbit/s, queue 8 KiB") { Delay = 20, Rate = 125_000, Queue = 8 * 1024 },
        new("1 Mbit/s, queue 32 KiB, loss 5 %") { Delay = 20, Rate = 125_000, Queue = 32 * 1024, Loss = 0.05 },
        new("10 Mbit/s, queue 32 KiB") { Delay = 20, Rate = 1_250_000, Queue = 32 * 1024 },
    ];

    public static int Run(string[] args)
    {
        var line = new Arguments(args, ["seeds"], []);
        int seeds = line.Number("seeds", otherwise: 200, minimum: 1, maximum: 100_000);
        Console.WriteLine($"{"line, each way",-38} {"connected ms: median",20} {"p95",6} {"max",6}   {"256 KiB ms: median",18} {"p95",6} {"max",6}   {"sent again %",12} {"burst",5}");
        foreach (var scenario in Scenarios)
        {
            var results = Enumerable.Range(1, seeds).Select(seed => Measure(scenario, seed)).ToList();
            double[] connected = [.. results.Select(r => r.Connected).Order()];
            double[] delivered = [.. results.Select(r => r.Delivered).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{scenario.Name,-38} {Of(connected, 0.5),20:0} {Of(connected, 0.95),6:0} {connected[^1],6:0}   {Of(delivered, 0.5),18:0} {Of(delivered, 0.95),6:0} {delivered[^1],6:0}   {100 * results.Average(r => r.Resent),12:0} {results.Max(r => r.Burst),5}"));
        }

        return 0;
    }

    private static double Of(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    private static Result Measure(SctpScenario scenario, int seed)
    {
        var pair = new SctpPair(seed);
        scenario.Begin(pair.Line);
        pair.Connect((int)Patience);
        var connected = pair.Now;
        pair.Changes = (line, now) => scenario.Change(line, now - connected);
        if (!pair.A.TrySend(1, 51, new byte[Length]))
            throw new InvalidOperationException("The send buffer is too small.");
        bool there = pair.Run(() => pair.Events[1].Exists(e => e.Kind == SctpEventKind.Message), Patience);
        if (!there)
            throw new TimeoutException($"{scenario.Name}, seed {seed}: not there after {pair.Now}.");
        double chunks = Length / 1112.0;
        return new Result(connected.TotalMilliseconds, (pair.Now - connected).TotalMilliseconds, pair.A.Retransmissions / chunks, pair.LongestBurst);
    }

    private readonly record struct Result(double Connected, double Delivered, double Resent, int Burst);
}

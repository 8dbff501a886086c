using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Benchmarks.Sctp;

/// <summary>A kind of line. Times are in milliseconds, shares from 0 to 1.</summary>
internal sealed record SctpScenario(string Name)
{
    public double Delay { get; init; }

    public double Jitter { get; init; }

    public double Loss { get; init; }

    public double Duplication { get; init; }

    /// <summary>Bytes a second; 0 for no limit.</summary>
    public double Rate { get; init; }

    /// <summary>Bytes that wait in front of the limit.</summary>
    public int Queue { get; init; } = 64 * 1024;

    /// <summary>The delay during every second 150 ms; 0 for no change.</summary>
    public double OtherDelay { get; init; }

    /// <summary>Seconds without any line, a tenth of a second after the start.</summary>
    public double Outage { get; init; }

    public void Begin(EmulatedLine line)
    {
        line.Delay = TimeSpan.FromMilliseconds(Delay);
        line.Jitter = TimeSpan.FromMilliseconds(Jitter);
        line.Loss = Loss;
        line.Duplication = Duplication;
        line.Rate = Rate;
        line.Queue = Queue;
    }

    /// <summary>Changes the line so long after the start.</summary>
    public void Change(EmulatedLine line, TimeSpan after)
    {
        double seconds = after.TotalSeconds;
        if (OtherDelay > 0)
            line.Delay = TimeSpan.FromMilliseconds((int)(seconds / 0.15) % 2 == 0 ? Delay : OtherDelay);
        line.IsCut = seconds >= 0.1 && seconds < 0.1 + Outage;
    }
}

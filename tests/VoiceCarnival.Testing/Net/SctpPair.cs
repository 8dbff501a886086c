using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Testing.Net;

/// <summary>Two associations with a bad line between them, in virtual time. Not thread-safe.</summary>
public sealed class SctpPair
{
    private const int MaxPacketsAtOnce = 500;
    private readonly byte[] _buffer = new byte[2000];

    /// <summary>Both sides from a seed, and the line too.</summary>
    public SctpPair(int seed, SctpOptions? options = null)
    {
        Line = new EmulatedLine(seed);
        Sides = [Create(2 * seed, options), Create(2 * seed + 1, options)];
    }

    public EmulatedLine Line { get; }

    public SctpAssociation[] Sides { get; }

    public SctpAssociation A => Sides[0];

    public SctpAssociation B => Sides[1];

    public TimeSpan Now { get; private set; }

    /// <summary>What each side was told, except while it is not <see cref="Reading"/>.</summary>
    public List<SctpEvent>[] Events { get; } = [[], []];

    public bool[] Reading { get; } = [true, true];

    /// <summary>May drop or change what side <c>to</c> is sent.</summary>
    public Func<int, byte[], bool> Passes { get; set; } = static (_, _) => true;

    /// <summary>Changes the line as time passes: called with the time whenever something happens.</summary>
    public Action<EmulatedLine, TimeSpan> Changes { get; set; } = static (_, _) => { };

    /// <summary>The most packets that either side sent in answer to one input.</summary>
    public int LongestBurst { get; private set; }

    public IEnumerable<byte[]> Messages(int side) => Events[side].Where(e => e.Kind == SctpEventKind.Message).Select(e => e.Payload.ToArray());

    public int Count(int side) => Events[side].Count(e => e.Kind == SctpEventKind.Message);

    public static SctpAssociation Create(int seed, SctpOptions? options = null)
    {
        var entropy = new byte[SctpAssociation.EntropyLength];
        new Random(seed).NextBytes(entropy);
        return new SctpAssociation(options ?? new SctpOptions(), entropy);
    }

    /// <summary>Connects, from side A.</summary>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public void Connect(int seconds = 60)
    {
        A.Connect(Now);
        if (!Run(() => A.State == SctpState.Established && B.State == SctpState.Established, seconds))
            throw new TimeoutException($"{A.State} and {B.State} after {seconds} s.");
    }

    /// <summary>Lets time pass until something holds.</summary>
    /// <returns>False when it did not within that many virtual seconds.</returns>
    public bool Run(Func<bool> until, double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (true)
        {
            for (int side = 0; side < 2; side++)
                Drain(side);
            if (until())
                return true;
            var next = end + TimeSpan.FromTicks(1);
            foreach (var at in new[] { Line.NextArrival, A.NextDeadline, B.NextDeadline })
                next = at < next ? at.Value : next;
            if (next > end)
            {
                Now = end;
                return false;
            }

            Now = next > Now ? next : Now;
            Changes(Line, Now);
            while (Line.TryReceive(Now, out int to, out var datagram))
            {
                if (Passes(to, datagram))
                    Sides[to].Receive(datagram, Now);
                Drain(to);
            }

            A.AdvanceTo(Now);
            B.AdvanceTo(Now);
        }
    }

    /// <summary>Takes what a side tells and sends.</summary>
    /// <exception cref="InvalidOperationException">It sends without end, or what is no packet.</exception>
    public void Drain(int side)
    {
        while (Reading[side] && Sides[side].TryTakeEvent(out var next))
            Events[side].Add(next);
        int packets = 0;
        for (; Sides[side].TryTakeTransmit(Now, _buffer, out int length); packets++)
        {
            if (length is < 16 or > 1140 || packets >= MaxPacketsAtOnce)
                throw new InvalidOperationException($"Packet {packets} at once, of {length} bytes.");
            Line.Send(1 - side, _buffer.AsSpan(0, length), Now);
        }

        LongestBurst = Math.Max(LongestBurst, packets);
    }
}

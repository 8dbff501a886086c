using System.Buffers.Binary;
using VoiceCarnival.Audio.JitterBuffer;
using VoiceCarnival.Testing;
using Xunit;

namespace VoiceCarnival.Audio.Tests.JitterBuffer;

public sealed class PacketBufferTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void EvenStream_IsPlayedInOrder_OneFrameAfterItCame()
    {
        var played = Play(Sent(500), out var buffer);
        Assert.Equal(Enumerable.Range(0, 498), Packets(played).Take(498));
        Assert.Equal((0L, 0L, 0L), (buffer.Late, buffer.Skipped, buffer.Concealed));
        Assert.Equal(TimeSpan.FromMilliseconds(20), buffer.TargetDelay);
        Assert.InRange(played.FindIndex(p => p.Kind == PlayoutKind.Packet), 1, 2);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(150)]
    public void Jitter_IsEvenedOut_ByADepthThatFitsIt(int jitterMs)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var sent = Sent(3000).Select(p => p with { At = p.At + TimeSpan.FromMilliseconds(jitterMs * random.NextDouble()) });
            var played = Play(sent, out var buffer);
            var numbers = Packets(played);
            Assert.Equal(numbers.Order(), numbers);
            Assert.InRange(buffer.TargetDelay.TotalMilliseconds, 0.85 * jitterMs, jitterMs);
            // Once it has learned the line, little is missing: the delay is aimed at 98 of 100, and the jitter here has no shape to be learned better.
            var settled = played.Skip(300).Take(2600).ToList();
            Assert.True(settled.Count(p => p.Kind != PlayoutKind.Packet) <= 0.05 * settled.Count, $"{settled.Count(p => p.Kind != PlayoutKind.Packet)} of {settled.Count}");
            Assert.InRange(MeanDelay(played, 300).TotalMilliseconds, 0.5 * jitterMs, jitterMs + 60);
        }
    }

    [Fact]
    public void DelayGoesDownAgain_WhenTheLineGetsBetter()
    {
        var random = new Random(1);
        var sent = Sent(3000).Select((p, i) => p with { At = p.At + TimeSpan.FromMilliseconds((i < 1000 ? 160 : 5) * random.NextDouble()) });
        var played = Play(sent, out var buffer);
        Assert.True(buffer.Skipped > 2);
        Assert.InRange(MeanDelay(played, 2000).TotalMilliseconds, 10, 110);
        Assert.Equal(TimeSpan.FromMilliseconds(20), buffer.TargetDelay);
    }

    [Fact]
    public void EachLoss_IsConcealedOnce_WithTheNextPacketAtHand()
    {
        var random = new Random(1);
        var lost = Enumerable.Range(0, 2000).Where(_ => random.Next(20) == 0).ToHashSet();
        var played = Play(Sent(2000).Where(p => !lost.Contains(p.Number)).Select(p => p with { At = p.At + TimeSpan.FromMilliseconds(60 * random.NextDouble()) }), out var buffer);
        var numbers = Packets(played);
        Assert.Equal(numbers.Order(), numbers);
        Assert.True(numbers.Count >= 2000 - lost.Count - buffer.Late - buffer.Skipped - 8); // those buffered at the end are not played here
        Assert.InRange(buffer.Concealed, 0.7 * lost.Count, lost.Count + 60);
        for (int i = 1; i + 1 < played.Count; i++)
        {
            // What may be recovered from is what is played next.
            if (played[i].Kind == PlayoutKind.Conceal && played[i].Number is { } next && played[i + 1].Kind == PlayoutKind.Packet)
                Assert.Equal(next, played[i + 1].Number);
        }
    }

    [Fact]
    public void DuplicatesAndLatePackets_AreDropped()
    {
        var buffer = Buffer();
        for (int i = 0; i < 10; i++)
        {
            Add(buffer, i, Frame * i);
            Add(buffer, i, Frame * i);
            buffer.Take(Frame * i, false);
        }

        Assert.Equal(10, buffer.Duplicates + buffer.Late);
        Add(buffer, 2, Frame * 10);
        Assert.True(buffer.Late > 0);
        Assert.NotEqual(2, Number(buffer.Take(Frame * 10, false)));
    }

    [Fact]
    public void SequenceNumbersThatBeginAgain_AreNoGap()
    {
        var played = Play(Sent(200, firstSequence: 65_500, firstTimestamp: uint.MaxValue - 5000), out var buffer);
        Assert.Equal(0, buffer.Concealed);
        Assert.Equal(Enumerable.Range(0, 198), Packets(played).Take(198));
    }

    [Fact]
    public void SenderThatStartsAnew_IsFollowed_ButOneStrayPacketIsNot()
    {
        var sent = Sent(100).Concat(Sent(100, start: Frame * 100, firstSequence: 30_000, firstTimestamp: 77, firstNumber: 100)).ToList();
        sent.Insert(50, new Sending(-1, 20_000, 5, Frame * 50));
        var numbers = Packets(Play(sent, out _));
        Assert.DoesNotContain(-1, numbers);
        Assert.True(numbers.Count(n => n >= 100) >= 96, $"{numbers.Count(n => n >= 100)}");
        Assert.True(numbers.Count(n => n < 100) >= 97);
    }

    [Fact]
    public void PauseOfTheSender_IsSilence_OfItsLength()
    {
        // The second half was taken 200 ms later by its timestamps, and its numbers go on: nothing is lost. It comes in time.
        var sent = Sent(50).Concat(Sent(50, start: Frame * 60, firstSequence: 50, firstTimestamp: 160 * 60, firstNumber: 50)).ToList();
        var played = Play(sent.Select(p => p with { At = p.Number < 55 ? TimeSpan.FromTicks(Math.Min(p.At.Ticks, (Frame * 49).Ticks)) : p.At }), out var buffer);
        int last = played.FindIndex(p => p.Number == 49 && p.Kind == PlayoutKind.Packet);
        Assert.All(played.Skip(last + 1).Take(10), p => Assert.Equal(PlayoutKind.Silence, p.Kind));
        Assert.Equal(50, played[last + 11].Number);
        Assert.Equal(0, buffer.Concealed);
    }

    [Fact]
    public void SenderThatStops_IsConcealedForAWhile_ThenSilent_AndComesBack()
    {
        var sent = Sent(50).Concat(Sent(50, start: Frame * 150, firstSequence: 50, firstTimestamp: 160 * 150, firstNumber: 50));
        var played = Play(sent, out var buffer);
        Assert.Equal(5, buffer.Concealed - played.Skip(160).Count(p => p.Kind == PlayoutKind.Conceal));
        Assert.True(Packets(played).Count >= 98);
        Assert.All(played.Skip(60).Take(80), p => Assert.Equal(PlayoutKind.Silence, p.Kind));
    }

    [Theory]
    [InlineData(300e-6)]
    [InlineData(-300e-6)]
    public void ClocksThatDrift_DoNotAddDelay(double drift)
    {
        // Ten minutes.
        var sent = Sent(30_000).Select(p => p with { At = p.At * (1 + drift) });
        var played = Play(sent, out var buffer);
        double shift = drift * (Frame * 29_500).TotalMilliseconds;
        Assert.InRange(MeanDelay(played, 29_000).TotalMilliseconds - shift, 0, 80);
        Assert.True(buffer.Concealed + buffer.Skipped < 40, $"{buffer.Concealed} concealed, {buffer.Skipped} skipped");
    }

    [Fact]
    public void RandomPackets_NeverBreakIt()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            var buffer = Buffer();
            var now = TimeSpan.Zero;
            for (int i = 0; i < 500; i++)
            {
                now += TimeSpan.FromMilliseconds(random.Next(30));
                ushort sequence = (ushort)(random.Next(4) == 0 ? random.Next() : 65_500 + i + random.Next(-70, 70));
                buffer.Add(sequence, (uint)random.NextInt64(), new byte[random.Next(100)], now);
                if (random.Next(3) != 0)
                    buffer.Take(now, random.Next(2) == 0);
                Assert.InRange(buffer.Depth, TimeSpan.Zero, Frame * 64);
                Assert.InRange(buffer.TargetDelay.TotalMilliseconds, 20, 240);
            }
        }
    }

    [Fact]
    public void SteadyStream_AllocatesNothing()
    {
        var buffer = Buffer();
        var payload = new byte[160];
        int i = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int end = i + 100; i < end; i++)
            {
                buffer.Add((ushort)i, (uint)(160 * i), payload, Frame * i);
                buffer.Take(Frame * i, false);
            }
        }));
    }

    private static PacketBuffer Buffer() => new(new JitterBufferOptions { ClockRate = 8000 });

    private static IEnumerable<Sending> Sent(int count, TimeSpan start = default, int firstSequence = 0, uint firstTimestamp = 0, int firstNumber = 0) =>
        Enumerable.Range(0, count).Select(i => new Sending(firstNumber + i, (ushort)(firstSequence + i), unchecked(firstTimestamp + (uint)(160 * i)), start + Frame * i));

    private static void Add(PacketBuffer buffer, int number, TimeSpan at) => Add(buffer, new Sending(number, (ushort)number, (uint)(160 * number), at));

    private static void Add(PacketBuffer buffer, Sending packet)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, packet.Number);
        buffer.Add(packet.Sequence, packet.Timestamp, payload, packet.At);
    }

    private static int? Number(in Playout playout) => playout.Payload.Length == 4 ? BinaryPrimitives.ReadInt32BigEndian(playout.Payload.Span) : null;

    /// <summary>Takes a frame every 20 ms while the packets come, and five seconds on.</summary>
    private static List<Played> Play(IEnumerable<Sending> sent, out PacketBuffer buffer)
    {
        buffer = Buffer();
        var played = new List<Played>();
        var arriving = new Queue<Sending>(sent.OrderBy(p => p.At).ThenBy(p => p.Number));
        var end = arriving.Max(p => p.At);
        // Ticks lie between the packets' times, as two clocks never agree.
        for (var now = TimeSpan.FromMilliseconds(7); now < end; now += Frame)
        {
            while (arriving.TryPeek(out var packet) && packet.At <= now)
                Add(buffer, arriving.Dequeue());
            // Every tenth frame is a quiet one.
            var playout = buffer.Take(now, isQuiet: played.Count % 10 == 0);
            played.Add(new Played(playout.Kind, Number(playout), now));
        }

        return played;
    }

    private static List<int> Packets(List<Played> played) => [.. played.Where(p => p.Kind == PlayoutKind.Packet).Select(p => p.Number!.Value)];

    /// <summary>From the time that a frame was sent to the time that it was played.</summary>
    private static TimeSpan MeanDelay(List<Played> played, int from) => TimeSpan.FromSeconds(
        played.Where(p => p.Kind == PlayoutKind.Packet && p.Number >= from).Average(p => (p.At - Frame * p.Number!.Value).TotalSeconds));

    private sealed record Sending(int Number, ushort Sequence, uint Timestamp, TimeSpan At);

    private readonly record struct Played(PlayoutKind Kind, int? Number, TimeSpan At);
}

using System.Buffers.Binary;
using VoiceCarnival.Audio.JitterBuffer;
using VoiceCarnival.Testing;
using Xunit;

namespace VoiceCarnival.Audio.Tests.JitterBuffer;

public sealed class ReorderBufferTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void PacketsInOrder_PassAtOnce()
    {
        var taken = Run(Sent(500), out var buffer);
        Assert.Equal(Enumerable.Range(0, 500), taken.Select(p => p.Number));
        Assert.All(taken, p => Assert.Equal(TimeSpan.Zero, p.Delay));
        Assert.Equal((0L, 0L), (buffer.Late, buffer.Duplicates));
    }

    [Fact]
    public void TwoThatAreSwapped_AreTakenInOrder()
    {
        var sent = Sent(100).Select(p => p with { At = p.Number == 50 ? p.At + Frame * 1.4 : p.At });
        var taken = Run(sent, out _);
        Assert.Equal(Enumerable.Range(0, 100), taken.Select(p => p.Number));
        Assert.True(taken.Max(p => p.Delay) <= Frame * 1.4);
    }

    [Fact]
    public void Loss_IsKnownWhenThePacketAfterComes_OnALineWithoutJitter()
    {
        var taken = Run(Sent(100).Where(p => p.Number != 50), out _);
        var lost = Assert.Single(taken, p => p.IsLost);
        Assert.Equal(51, lost.Number); // what it may be recovered from
        Assert.Equal(50, taken.IndexOf(lost));
        // 20 ms after its time the next is there; 30 ms are waited.
        Assert.Equal(TimeSpan.FromMilliseconds(10), lost.At - Frame * 51);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 40)]
    [InlineData(25, 40)]
    [InlineData(10, 150)]
    public void AnyLine_GivesEachPacketOnceInOrder_AndIsNeverBehindForLong(int lossPercent, int jitterMs)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            List<Sending> sent = [.. Sent(3000).Where(_ => random.Next(100) >= lossPercent)
                .Select(p => p with { At = p.At + TimeSpan.FromMilliseconds(jitterMs * random.NextDouble()) })];
            var twice = sent.Where(_ => random.Next(50) == 0).Select(p => p with { At = p.At + TimeSpan.FromMilliseconds(5) }).ToList();
            var taken = Run(sent.Concat(twice), out var buffer);
            List<int> numbers = [.. taken.Where(p => !p.IsLost).Select(p => p.Number)];
            Assert.Equal(numbers.Order(), numbers);
            Assert.Equal(numbers.Distinct().Count(), numbers.Count);
            // What came too late is counted, and little once the line is known.
            Assert.InRange(numbers.Count + buffer.Late + buffer.Duplicates - twice.Count, sent.Count - 12, sent.Count); // the last may still be held
            Assert.True(sent.Count - numbers.Count <= 0.03 * sent.Count, $"{sent.Count - numbers.Count} of {sent.Count} came too late");
            // Each number is either taken or lost.
            Assert.InRange(taken.Count, numbers[^1] - 64, 3000);
            Assert.All(taken.Where(p => !p.IsLost), p => Assert.True(p.Delay.TotalMilliseconds <= Math.Max(30, jitterMs) + 25, $"{p.Number} held for {p.Delay}"));
            Assert.InRange(buffer.Wait.TotalMilliseconds, Math.Max(30, 0.8 * jitterMs), Math.Max(30, jitterMs));
        }
    }

    [Fact]
    public void SenderThatBeginsAnew_IsBelievedAtItsSecondPacket()
    {
        var buffer = Buffer();
        var now = TimeSpan.Zero;
        var taken = new List<int>();
        foreach (ushort sequence in (ushort[])[10, 11, 40_000, 12, 50_000, 50_001, 50_002])
        {
            Add(buffer, new Sending(sequence, sequence, sequence * 160u, now));
            taken.AddRange(Drain(buffer, now).Where(p => !p.IsLost).Select(p => p.Number));
            now += Frame;
        }

        Assert.Equal([10, 11, 12, 50_001, 50_002], taken);
    }

    [Fact]
    public void NumbersAndTimestamps_MayWrapAround()
    {
        var taken = Run(Sent(200).Select(p => p with { Sequence = (ushort)(p.Sequence + 65_500), Timestamp = p.Timestamp + uint.MaxValue - 10_000 }), out var buffer);
        Assert.Equal(Enumerable.Range(0, 200), taken.Select(p => p.Number));
        Assert.Equal(TimeSpan.FromMilliseconds(30), buffer.Wait);
    }

    [Fact]
    public void KeyPresses_KeepTheirPlace_AndTellNoTime()
    {
        var buffer = Buffer();
        for (int i = 0; i < 50; i++)
        {
            bool isKey = i is > 20 and < 30;
            Add(buffer, new Sending(i, (ushort)i, isKey ? 160u * 21 : 160u * (uint)i, Frame * i), isMedia: !isKey);
        }

        Assert.Equal(Enumerable.Range(0, 50), Drain(buffer, Frame * 50).Select(p => p.Number));
        Assert.Equal(TimeSpan.FromMilliseconds(30), buffer.Wait);
    }

    [Fact]
    public void RandomPackets_NeverBreakIt()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            var buffer = Buffer();
            var now = TimeSpan.Zero;
            int added = 0, taken = 0;
            for (int i = 0; i < 500; i++)
            {
                now += TimeSpan.FromMilliseconds(random.Next(30));
                ushort sequence = (ushort)(random.Next(4) == 0 ? random.Next() : 65_500 + i + random.Next(-70, 70));
                buffer.Add(sequence, (uint)random.NextInt64(), (byte)random.Next(128), random.Next(5) != 0, new byte[random.Next(100)], now);
                added++;
                for (int most = 0; buffer.TryTake(now, out var packet); most++)
                {
                    Assert.True(most <= 130);
                    taken += packet.IsLost ? 0 : 1;
                }

                Assert.InRange(buffer.Wait.TotalMilliseconds, 30, 240);
            }

            Assert.True(taken <= added);
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
                if (i % 10 != 0)
                    buffer.Add((ushort)i, (uint)(160 * i), 0, true, payload, Frame * i);
                while (buffer.TryTake(Frame * i, out _))
                {
                }
            }
        }));
    }

    private static ReorderBuffer Buffer() => new(new ReorderOptions { ClockRate = 8000 });

    private static IEnumerable<Sending> Sent(int count) => Enumerable.Range(0, count).Select(i => new Sending(i, (ushort)i, (uint)(160 * i), Frame * i));

    private static void Add(ReorderBuffer buffer, Sending packet, bool isMedia = true)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, packet.Number);
        buffer.Add(packet.Sequence, packet.Timestamp, 0, isMedia, payload, packet.At);
    }

    private static List<Taken> Run(IEnumerable<Sending> sent, out ReorderBuffer buffer)
    {
        buffer = Buffer();
        var taken = new List<Taken>();
        var arriving = new Queue<Sending>(sent.OrderBy(p => p.At).ThenBy(p => p.Number));
        var arrivals = new Dictionary<int, TimeSpan>();
        for (var now = TimeSpan.Zero; arriving.Count > 0; now += TimeSpan.FromMilliseconds(1))
        {
            while (arriving.TryPeek(out var packet) && packet.At <= now)
            {
                arriving.Dequeue();
                arrivals.TryAdd(packet.Number, packet.At);
                Add(buffer, packet);
                foreach (var next in Drain(buffer, packet.At))
                    taken.Add(next with { At = packet.At, Delay = arrivals.TryGetValue(next.Number, out var at) ? packet.At - at : default });
            }

            foreach (var next in Drain(buffer, now))
                taken.Add(next with { At = now, Delay = arrivals.TryGetValue(next.Number, out var at) ? now - at : default });
        }

        return taken;
    }

    private static List<Taken> Drain(ReorderBuffer buffer, TimeSpan now)
    {
        var taken = new List<Taken>();
        while (buffer.TryTake(now, out var packet))
            taken.Add(new Taken(packet.Payload.Length == 4 ? BinaryPrimitives.ReadInt32BigEndian(packet.Payload.Span) : -1, packet.IsLost));
        return taken;
    }

    private sealed record Sending(int Number, ushort Sequence, uint Timestamp, TimeSpan At);

    private sealed record Taken(int Number, bool IsLost, TimeSpan At = default, TimeSpan Delay = default);
}

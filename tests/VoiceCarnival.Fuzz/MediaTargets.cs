using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.JitterBuffer;

namespace VoiceCarnival.Fuzz;

/// <summary>Targets for the payloads of audio calls and for the order they come in.</summary>
internal static class MediaTargets
{
    public static IReadOnlyList<Target> All { get; } =
    [
        .. AudioCodecs.Available.Select(codec => new Target(codec.Name.ToLowerInvariant(), bytes => Decode(codec, bytes), [.. Payloads(codec)])),
        new("comfort-noise", MakeNoise, [[40], [30, 200, 60, 127, 140, 3, 250, 1]]),
        new("reorder", Reorder, [[.. Enumerable.Range(0, 60).SelectMany(i => (byte[])[1, (byte)(i % 7), 20, 160])]]),
    ];

    /// <summary>Cut in two at the first byte: a packet that is decoded, and one that a missing one is recovered from.</summary>
    private static void Decode(AudioCodec codec, byte[] bytes)
    {
        using var decoder = codec.CreateDecoder();
        int most = codec.SamplesOf(AudioDecoder.MaxPacketMilliseconds);
        var samples = new short[most + 8];
        samples.AsSpan(most).Fill(0x5A5A);
        int at = bytes.Length == 0 ? 0 : Math.Min(bytes[0], bytes.Length);
        foreach (byte[] payload in (byte[][])[bytes[..at], bytes[at..], bytes])
        {
            int count = decoder.SamplesIn(payload);
            if (count > most || decoder.Decode(payload, samples) > count)
                throw new InvalidOperationException("More samples than a packet may hold.");
            decoder.Recover(payload, samples.AsSpan(0, Math.Min(most, 480 + at)));
        }

        if (samples.AsSpan(most).ContainsAnyExcept((short)0x5A5A))
            throw new InvalidOperationException("Written past the end.");
    }

    private static IEnumerable<byte[]> Payloads(AudioCodec codec)
    {
        using var encoder = codec.CreateEncoder();
        var payload = new byte[1280];
        foreach (int milliseconds in (int[])[10, 20, 60])
        {
            short[] tone = [.. Enumerable.Range(0, codec.SamplesOf(milliseconds)).Select(i => (short)(8000 * Math.Sin(i * 0.2)))];
            byte[] packet = payload[..encoder.Encode(tone, payload)];
            yield return packet;
            yield return [(byte)packet.Length, .. packet, .. packet];
        }
    }

    private static void MakeNoise(byte[] bytes)
    {
        var noise = new ComfortNoise();
        noise.Update(bytes);
        noise.Fill(new short[2000]);
    }

    /// <summary>Four bytes a packet: steps of number, timestamp and time, and what it carries. Each packet comes out once at most, and the work for each is bounded.</summary>
    private static void Reorder(byte[] bytes)
    {
        var buffer = new ReorderBuffer(new ReorderOptions { ClockRate = 8000 });
        ushort sequence = 65_000;
        uint timestamp = uint.MaxValue - 500;
        var now = TimeSpan.Zero;
        int added = 0, taken = 0;
        for (int i = 0; i + 4 <= bytes.Length; i += 4)
        {
            sequence += (ushort)(sbyte)bytes[i];
            timestamp += (uint)((sbyte)bytes[i + 1] * 160);
            now += TimeSpan.FromMilliseconds(bytes[i + 2]);
            buffer.Add(sequence, timestamp, bytes[i + 3], bytes[i + 3] % 5 != 0, bytes.AsSpan(i, 4), now);
            added++;
            for (int rounds = 0; buffer.TryTake(now, out var packet); rounds++)
            {
                taken += packet.IsLost ? 0 : 1;
                if (rounds > 200)
                    throw new InvalidOperationException("An endless stream of packets.");
            }
        }

        if (taken > added)
            throw new InvalidOperationException("More packets came out than went in.");
    }
}

using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Engines.Tests.Local.Support;

/// <summary>The speech of tests/assets, and noise to put under it.</summary>
internal static class Speech
{
    /// <summary>Session fields with which <see cref="Hello"/> is one turn, whatever silences it has inside.</summary>
    public const string HelloIsOneTurn = "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}";

    private static readonly Dictionary<string, short[]> Loaded = new(StringComparer.Ordinal);

    /// <summary>One file of tests/assets, 24 kHz mono.</summary>
    public static short[] Load(string name)
    {
        lock (Loaded)
        {
            if (Loaded.TryGetValue(name, out short[]? known))
                return known;
            byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "assets", name + ".wav"));
            Assert.True(WavReader.TryRead(file, out var audio, out var error), $"{name}: {error}");
            return Loaded[name] = audio.ToMono();
        }
    }

    public static short[] Hello => Load("hello");

    /// <summary>One sentence of about 3.4 s.</summary>
    public static short[] Question => Load("question");

    public static short[] Resample(short[] samples, int from, int to)
    {
        if (from == to)
            return samples;
        var resampler = new Resampler(from, to);
        var output = new short[resampler.OutputLength(samples.Length)];
        return output[..resampler.Process(samples, output)];
    }

    /// <summary>White noise under speech, so many decibels below the speech where it is loud enough to count.</summary>
    public static short[] InNoise(short[] speech, double decibels, int seed)
    {
        double level = Math.Sqrt(speech.Where(s => Math.Abs((int)s) > 300).Average(s => (double)s * s)) * Math.Pow(10, -decibels / 20);
        var random = new Random(seed);
        return [.. speech.Select(s =>
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            double noise = level * radius * Math.Cos(2 * Math.PI * random.NextDouble());
            return (short)Math.Clamp(Math.Round(s + noise), short.MinValue, short.MaxValue);
        })];
    }
}

using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Audio.Tests.Signals;

/// <summary>The speech of tests/assets.</summary>
internal static class TestSpeech
{
    private static readonly string[] Names = ["hello", "question", "counting", "barge-in"];

    /// <summary>One file, mono, at its own rate.</summary>
    public static short[] Load(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "assets", name + ".wav"));
        Xunit.Assert.True(WavReader.TryRead(file, out WavAudio? audio, out WavError error), $"{name}: {error}");
        return audio.ToMono();
    }

    /// <summary>All 24 kHz files in a row with a second of silence before each and after the last, at the given rate.</summary>
    public static short[] LoadAll(int sampleRate)
    {
        var all = new List<short>();
        foreach (string name in Names)
        {
            all.AddRange(new short[24_000]);
            all.AddRange(Load(name));
        }

        all.AddRange(new short[24_000]);
        return Resample([.. all], 24_000, sampleRate);
    }

    /// <summary>The recordings of real voices in Debian's pocketsphinx-testdata, as above; null where it is not installed.</summary>
    public static short[]? LoadRecordings(int sampleRate)
    {
        const string folder = "/usr/share/pocketsphinx/test/data";
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var all = new List<short>();
        foreach (string path in Directory.EnumerateFiles(folder, "*.wav", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            Xunit.Assert.True(WavReader.TryRead(File.ReadAllBytes(path), out WavAudio? audio, out WavError error), $"{path}: {error}");
            Xunit.Assert.Equal(16_000, audio.Format.SampleRate);
            all.AddRange(new short[16_000]);
            all.AddRange(audio.ToMono());
        }

        all.AddRange(new short[16_000]);
        return Resample([.. all], 16_000, sampleRate);
    }

    public static short[] Resample(short[] samples, int from, int to)
    {
        var resampler = new Resampler(from, to);
        var output = new short[resampler.OutputLength(samples.Length)];
        resampler.Process(samples, output);
        return output;
    }

    /// <summary>Scales to a peak in dBFS.</summary>
    public static short[] WithPeak(short[] samples, double dbfs)
    {
        double gain = 32768 * Math.Pow(10, dbfs / 20) / samples.Max(s => Math.Abs((int)s));
        return [.. samples.Select(s => (short)Math.Clamp(Math.Round(s * gain), short.MinValue, short.MaxValue))];
    }
}

using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Browser.Tests;

/// <summary>What the browser's microphone says, over and over.</summary>
internal static class MicrophoneFile
{
    private static readonly short[] Sentence = Read();
    private static readonly short[] Twice = [.. Sentence, .. Sentence];

    private const int Window = 9_600;

    /// <summary>What counts as the same sound.</summary>
    public const double Alike = 0.6;

    /// <summary>
    /// How much 0.4 s of <paramref name="played"/> (24 kHz) are like some part of it, 0 to 1: the loudest, or, where a browser had to stretch or mend those, others that are
    /// half as loud at least.
    /// </summary>
    public static double CorrelationWith(short[] played)
    {
        var windows = Enumerable.Range(0, played.Length / Window).Select(i => (ReadOnlyMemory<short>)played.AsMemory(i * Window, Window)).Append(Loudest(played)).ToList();
        double loudest = windows.Max(window => AudioCheck.Rms(window.Span));
        double best = 0;
        foreach (var window in windows.Where(window => AudioCheck.Rms(window.Span) > loudest / 2).OrderByDescending(window => AudioCheck.Rms(window.Span)))
        {
            best = Math.Max(best, AudioCheck.Find(window.Span, Twice).Correlation);
            if (best > Alike)
                break;
        }

        return best;
    }

    private static short[] Read()
    {
        if (!WavReader.TryRead(File.ReadAllBytes(Path.Combine(ServerProcess.Root, "tests", "assets", SpeakingBrowser.Microphone)), out var wav, out var error))
            throw new InvalidDataException(error.ToString());
        var samples = wav.ToMono();
        var resampler = new Resampler(wav.Format.SampleRate, 24_000);
        var at24k = new short[resampler.OutputLength(samples.Length)];
        return at24k[..resampler.Process(samples, at24k)];
    }

    private static ReadOnlyMemory<short> Loudest(short[] samples)
    {
        int best = 0;
        for (int start = 0; start + Window <= samples.Length; start += 240)
        {
            if (AudioCheck.Rms(samples.AsSpan(start, Window)) > AudioCheck.Rms(samples.AsSpan(best, Window)))
                best = start;
        }

        return samples.AsMemory(best, Window);
    }
}

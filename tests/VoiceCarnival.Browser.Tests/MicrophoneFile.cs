using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Browser.Tests;

/// <summary>What the browser's microphone says, over and over.</summary>
internal static class MicrophoneFile
{
    private static readonly short[] Sentence = Read();

    /// <summary>How much the loudest 0.4 s of <paramref name="played"/> (24 kHz) are like some part of it, 0 to 1.</summary>
    public static double CorrelationWith(short[] played) => AudioCheck.Find(Loudest(played, 9_600), [.. Sentence, .. Sentence]).Item2;

    private static short[] Read()
    {
        if (!WavReader.TryRead(File.ReadAllBytes(Path.Combine(ServerProcess.Root, "tests", "assets", SpeakingBrowser.Microphone)), out var wav, out var error))
            throw new InvalidDataException(error.ToString());
        var samples = wav.ToMono();
        var resampler = new Resampler(wav.Format.SampleRate, 24_000);
        var at24k = new short[resampler.OutputLength(samples.Length)];
        return at24k[..resampler.Process(samples, at24k)];
    }

    private static ReadOnlySpan<short> Loudest(short[] samples, int length)
    {
        int best = 0;
        for (int start = 0; start + length <= samples.Length; start += 240)
        {
            if (AudioCheck.Rms(samples.AsSpan(start, length)) > AudioCheck.Rms(samples.AsSpan(best, length)))
                best = start;
        }

        return samples.AsSpan(best, length);
    }
}

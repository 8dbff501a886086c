using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Speech at a telephone's rate: a pause, words, and time for them to come back.</summary>
internal static class SpokenWords
{
    private const int Rate = 8000;
    private const double Before = 1.5;
    private static readonly short[] Words = Resample(SpeechFile.Read("hello.wav"));

    /// <summary>What a phone says.</summary>
    public static short[] WithPauses(double secondsAfter = 6) => [.. new short[(int)(Before * Rate)], .. Words, .. new short[(int)(secondsAfter * Rate)]];

    /// <summary>
    /// How alike the words are to what was heard, 1 is the same: of each loud 300 ms the correlation where it fits best, and of those the median. A machine that held a phone
    /// up for a moment shifts what follows, which is no other sound.
    /// </summary>
    public static double LikenessIn(short[] heard)
    {
        const int piece = Rate * 3 / 10;
        var likenesses = Enumerable.Range(0, Words.Length / piece)
            .Select(i => Words.AsMemory(i * piece, piece))
            .Where(words => AudioCheck.Rms(words.Span) > 0.02)
            .Select(words => AudioCheck.Find(words.Span, heard).Correlation)
            .Order().ToArray();
        return likenesses[likenesses.Length / 2];
    }

    private static short[] Resample(short[] samples)
    {
        var resampler = new Resampler(24_000, Rate);
        short[] output = new short[samples.Length / 3 + 64];
        int written = resampler.Process(samples, output);
        return output[..written];
    }
}

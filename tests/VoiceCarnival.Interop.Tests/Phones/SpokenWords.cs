using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Speech at a codec's rate: a pause, words, and time for them to come back.</summary>
internal sealed class SpokenWords(int rate)
{
    private const double Before = 1.5;
    private readonly short[] _words = Resample(SpeechFile.Read("hello.wav"), rate);

    /// <summary>At a telephone's rate.</summary>
    public static SpokenWords Narrow { get; } = new(8000);

    /// <summary>As G.722 has it.</summary>
    public static SpokenWords Wide { get; } = new(16_000);

    /// <summary>Samples a second.</summary>
    public int Rate => rate;

    /// <summary>What a phone says.</summary>
    public short[] WithPauses(double secondsAfter = 6) => [.. new short[(int)(Before * rate)], .. _words, .. new short[(int)(secondsAfter * rate)]];

    /// <summary>
    /// How alike the words are to what was heard, 1 is the same: of each loud 300 ms the correlation where it fits best, and of those the median. A machine that held a phone
    /// up for a moment shifts what follows, which is no other sound.
    /// </summary>
    public double LikenessIn(short[] heard)
    {
        int piece = rate * 3 / 10;
        var likenesses = Enumerable.Range(0, _words.Length / piece)
            .Select(i => _words.AsMemory(i * piece, piece))
            .Where(words => AudioCheck.Rms(words.Span) > 0.02)
            .Select(words => AudioCheck.Find(words.Span, heard).Correlation)
            .Order().ToArray();
        return likenesses[likenesses.Length / 2];
    }

    private static short[] Resample(short[] samples, int rate)
    {
        var resampler = new Resampler(24_000, rate);
        short[] output = new short[resampler.OutputLength(samples.Length)];
        int written = resampler.Process(samples, output);
        return output[..written];
    }
}

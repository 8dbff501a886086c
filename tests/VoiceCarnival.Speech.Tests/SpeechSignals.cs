using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Speech.Tests;

/// <summary>The speech of tests/assets at any rate.</summary>
internal static class SpeechSignals
{
    public static short[] At(int rate, string name)
    {
        short[] speech = SpeechFile.Read(name);
        var resampler = new Resampler(24_000, rate);
        var resampled = new short[resampler.OutputLength(speech.Length)];
        resampler.Process(speech, resampled);
        return resampled;
    }
}

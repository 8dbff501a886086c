using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Speech.Tests.VoiceActivity;

/// <summary>The signal of Golden/make.mjs, sample for sample: speech decimated from 48 kHz without a filter, with noise that grows, at three levels.</summary>
internal static class SileroSignal
{
    public static short[] At(int rate)
    {
        short[] speech = SpeechFile.Read("barge-in-48k.wav");
        int length = speech.Length / (48_000 / rate);
        var samples = new short[length * 3];
        uint random = 1;
        for (int pass = 0; pass < 3; pass++)
        {
            for (int i = 0; i < length; i++)
            {
                random = unchecked((random * 1_664_525) + 1_013_904_223);
                int noise = (((int)(random >> 20) - 2048) * (8 * i / length)) >> 6;
                int value = speech[i * (48_000 / rate)] + noise;
                samples[(pass * length) + i] = (short)(pass == 0 ? value : pass == 1 ? value >> 6 : Math.Clamp(value * 8, short.MinValue, short.MaxValue));
            }
        }

        return samples;
    }
}

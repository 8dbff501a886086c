using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Tests.Signals;

namespace VoiceCarnival.Audio.Tests.Codecs;

/// <summary>Audio through a codec, 20 ms by 20 ms.</summary>
internal static class CodecRun
{
    /// <summary>A spoken sentence at the given rate.</summary>
    public static short[] Speech(int sampleRate) => TestSpeech.Resample(TestSpeech.Load("counting"), 24_000, sampleRate);

    /// <summary>What is heard of a signal, and how many bytes it took.</summary>
    public static short[] Through(AudioCodec codec, short[] samples, out int bytes)
    {
        using var encoder = codec.CreateEncoder();
        using var decoder = codec.CreateDecoder();
        var payload = new byte[1280];
        var frame = new short[codec.SamplesOf(120)];
        var heard = new List<short>();
        bytes = 0;
        int length = codec.SamplesOf(20);
        for (int at = 0; at + length <= samples.Length; at += length)
        {
            int size = encoder.Encode(samples.AsSpan(at, length), payload);
            bytes += size;
            heard.AddRange(frame[..decoder.Decode(payload.AsSpan(0, size), frame)]);
        }

        return [.. heard];
    }
}

using VoiceCarnival.Audio.Codecs;

namespace VoiceCarnival.Audio.G722;

/// <summary>ITU-T G.722 at 64 kbit/s: 16 kHz audio, one byte for every two samples.</summary>
public sealed class G722Encoder : AudioEncoder
{
    private readonly MirrorFilter _filter = new();
    private readonly LowerBand _lower = new();
    private readonly HigherBand _higher = new();

    /// <inheritdoc/>
    /// <remarks>An even number of samples; a last odd one is left out.</remarks>
    public override int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        int count = samples.Length / 2;
        if (payload.Length < count)
            return 0;
        for (int i = 0; i < count; i++)
        {
            var (even, odd) = _filter.Next(samples[2 * i], samples[2 * i + 1]);
            // The filter's gain leaves the bands with one bit less than the audio.
            int low = Math.Clamp((even + odd) >> 14, -16_384, 16_383);
            int high = Math.Clamp((odd - even) >> 14, -16_384, 16_383);
            payload[i] = (byte)(_higher.Encode(high) << 6 | _lower.Encode(low));
        }

        return count;
    }
}

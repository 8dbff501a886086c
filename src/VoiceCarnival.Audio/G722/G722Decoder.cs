using VoiceCarnival.Audio.Codecs;

namespace VoiceCarnival.Audio.G722;

/// <summary>ITU-T G.722 at 64 kbit/s (mode 1): two samples at 16 kHz for every byte. Any bytes decode; what is missing is repeated from the past.</summary>
public sealed class G722Decoder : AudioDecoder
{
    private const int SampleRate = 16_000;
    private readonly MirrorFilter _filter = new();
    private readonly LowerBand _lower = new();
    private readonly HigherBand _higher = new();
    private readonly WaveformConcealment _concealment = new(SampleRate);

    /// <inheritdoc/>
    public override int SamplesIn(ReadOnlySpan<byte> payload) => Math.Min(2 * payload.Length, MaxPacketMilliseconds * SampleRate / 1000);

    /// <inheritdoc/>
    public override int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        int count = Math.Min(SamplesIn(payload), samples.Length & ~1);
        for (int i = 0; i < count; i += 2)
        {
            int code = payload[i / 2];
            int low = _lower.Decode(code & 0x3F);
            int high = _higher.Decode(code >> 6);
            var (even, odd) = _filter.Next(low + high, low - high);
            samples[i] = (short)G722Tables.Limit(odd >> 11);
            samples[i + 1] = (short)G722Tables.Limit(even >> 11);
        }

        _concealment.Take(samples[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override void Conceal(Span<short> samples) => _concealment.Fill(samples);
}

namespace VoiceCarnival.Audio.Codecs;

/// <summary>G.711: one byte per sample, and what is missing repeated from the past.</summary>
internal sealed class G711Decoder(AudioFormat format) : AudioDecoder
{
    private readonly WaveformConcealment _concealment = new(format.SampleRate);

    /// <inheritdoc/>
    public override int SamplesIn(ReadOnlySpan<byte> payload) => Math.Min(payload.Length, MaxPacketMilliseconds * format.SampleRate / 1000);

    /// <inheritdoc/>
    public override int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        int count = Math.Min(SamplesIn(payload), samples.Length);
        format.Decode(payload[..count], samples);
        _concealment.Take(samples[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override void Conceal(Span<short> samples) => _concealment.Fill(samples);
}

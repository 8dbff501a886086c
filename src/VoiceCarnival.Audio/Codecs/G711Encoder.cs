namespace VoiceCarnival.Audio.Codecs;

/// <summary>G.711: one byte per sample.</summary>
internal sealed class G711Encoder(AudioFormat format) : AudioEncoder
{
    /// <inheritdoc/>
    public override int Encode(ReadOnlySpan<short> samples, Span<byte> payload) => payload.Length < samples.Length ? 0 : format.Encode(samples, payload);
}

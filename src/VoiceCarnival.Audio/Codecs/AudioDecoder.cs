namespace VoiceCarnival.Audio.Codecs;

/// <summary>
/// Decodes one voice, packet after packet, for one call. Takes hostile bytes: what it cannot decode is 0 samples, never an exception. Allocates nothing per
/// packet. Not thread-safe.
/// </summary>
public abstract class AudioDecoder : IDisposable
{
    /// <summary>The longest packet that is decoded, as Opus has it (RFC 6716, section 2.1.4), in milliseconds.</summary>
    public const int MaxPacketMilliseconds = 120;

    /// <summary>Samples that the payload holds, at the codec's sample rate, without decoding it; 0 when it cannot be decoded.</summary>
    public abstract int SamplesIn(ReadOnlySpan<byte> payload);

    /// <summary>Decodes a payload.</summary>
    /// <param name="payload">What an RTP packet carried.</param>
    /// <param name="samples">Room for <see cref="MaxPacketMilliseconds"/> of PCM16 at the codec's sample rate.</param>
    /// <returns>Samples written; 0 when the payload cannot be decoded.</returns>
    public abstract int Decode(ReadOnlySpan<byte> payload, Span<short> samples);

    /// <summary>Makes up what a missing packet may have held, fading with each that is missing in a row.</summary>
    /// <param name="samples">Filled whole: the length that is missing.</param>
    public abstract void Conceal(Span<short> samples);

    /// <summary>Recovers a missing packet from the one after it where the codec has put a copy there; else conceals it.</summary>
    /// <param name="following">The payload after the missing one; decode it next, as usual.</param>
    /// <param name="samples">Filled whole: the length that is missing.</param>
    public virtual void Recover(ReadOnlySpan<byte> following, Span<short> samples) => Conceal(samples);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the codec holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

namespace VoiceCarnival.Audio.Codecs;

/// <summary>Encodes one voice, frame after frame, for one call. Allocates nothing per frame. Not thread-safe.</summary>
public abstract class AudioEncoder : IDisposable
{
    /// <summary>Encodes a frame at the codec's sample rate.</summary>
    /// <param name="samples">20 ms of PCM16, or another length that the codec can carry.</param>
    /// <param name="payload">Where the RTP payload goes.</param>
    /// <returns>Bytes written; 0 when the codec has nothing to send for this frame (discontinuous transmission) or cannot carry its length.</returns>
    public abstract int Encode(ReadOnlySpan<short> samples, Span<byte> payload);

    /// <summary>Takes the share of packets that the far side reports as lost, 0 to 1: a codec that can protect against loss spends bits on it.</summary>
    public virtual void ExpectLoss(double share)
    {
    }

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

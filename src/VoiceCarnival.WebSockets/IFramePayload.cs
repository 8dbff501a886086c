namespace VoiceCarnival.WebSockets;

/// <summary>A payload that is written straight into the outgoing buffer, so that audio is copied once.</summary>
public interface IFramePayload
{
    /// <summary>Exact number of bytes.</summary>
    int Length { get; }

    /// <summary>Fills <paramref name="payload"/>, which has exactly <see cref="Length"/> bytes.</summary>
    void Write(Span<byte> payload);
}

/// <summary>Bytes that are there already.</summary>
internal readonly ref struct BytesPayload(ReadOnlySpan<byte> bytes) : IFramePayload
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Length => _bytes.Length;

    public void Write(Span<byte> payload) => _bytes.CopyTo(payload);
}

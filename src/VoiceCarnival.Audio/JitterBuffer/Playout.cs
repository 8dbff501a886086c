namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>The next frame.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Payload">Valid until the next call to the buffer.</param>
/// <param name="Timestamp">The packet's RTP timestamp; meaningful for packets only.</param>
public readonly record struct Playout(PlayoutKind Kind, ReadOnlyMemory<byte> Payload = default, uint Timestamp = 0);

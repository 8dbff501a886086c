namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>The next packet of a stream, or the one that is lost in its place.</summary>
/// <param name="IsLost">It did not come.</param>
/// <param name="PayloadType">What it carries; when it is lost, what the one after it does.</param>
/// <param name="Timestamp">Its timestamp; when it is lost, that of the one after it.</param>
/// <param name="Payload">What it carries, valid until the next packet is added; when it is lost, what the one after it carries, from which Opus may recover it, or nothing.</param>
public readonly record struct OrderedPacket(bool IsLost, byte PayloadType, uint Timestamp, ReadOnlyMemory<byte> Payload);

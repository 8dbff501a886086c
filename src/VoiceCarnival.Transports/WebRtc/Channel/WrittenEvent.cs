namespace VoiceCarnival.Transports.WebRtc.Channel;

/// <summary>An event for the caller.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Utf8Json">The event.</param>
internal readonly record struct WrittenEvent(string Type, ReadOnlyMemory<byte> Utf8Json);

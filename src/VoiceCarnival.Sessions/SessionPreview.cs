using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>Outcome of <see cref="IVoiceEngine.Preview"/>: the effective session object as UTF-8 JSON, or what is wrong with the fields.</summary>
public readonly record struct SessionPreview(ReadOnlyMemory<byte> Session, RealtimeError? Error);

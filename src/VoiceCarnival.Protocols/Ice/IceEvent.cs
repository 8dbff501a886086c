namespace VoiceCarnival.Protocols.Ice;

/// <summary>Something the driver should know.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">Which path it is about; meaningless for those without.</param>
public readonly record struct IceEvent(IceEventKind Kind, IcePath Path);

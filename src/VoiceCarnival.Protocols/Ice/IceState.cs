namespace VoiceCarnival.Protocols.Ice;

/// <summary>How far an <see cref="IceLiteAgent"/> is.</summary>
public enum IceState
{
    /// <summary>No check has come.</summary>
    Waiting,

    /// <summary>There is a path to send on.</summary>
    Connected,

    /// <summary>The selected path has been silent for a while and there is no other. Sending is still allowed.</summary>
    Disconnected,

    /// <summary>No first check, or consent has run out: nothing may be sent. A restart revives it.</summary>
    Failed,
}

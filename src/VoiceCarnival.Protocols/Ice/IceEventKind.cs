namespace VoiceCarnival.Protocols.Ice;

/// <summary>What an <see cref="IceLiteAgent"/> tells.</summary>
public enum IceEventKind
{
    /// <summary>A check came on a new path: what else comes from there is to be read.</summary>
    PathAdded,

    /// <summary>The path is no longer known: what comes from there is to be dropped.</summary>
    PathRemoved,

    /// <summary>Send here from now on.</summary>
    PathSelected,

    /// <summary>The selected path is silent.</summary>
    Disconnected,

    /// <summary>It speaks again.</summary>
    Reconnected,

    /// <summary>A restart is through: the former credentials are no longer taken.</summary>
    Restarted,

    /// <summary>Send nothing more.</summary>
    Failed,
}

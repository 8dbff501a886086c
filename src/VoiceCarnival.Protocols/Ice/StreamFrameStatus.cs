namespace VoiceCarnival.Protocols.Ice;

/// <summary>Whether there is a frame.</summary>
public enum StreamFrameStatus
{
    /// <summary>There is one.</summary>
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The connection is to be closed: nobody sends such a frame.</summary>
    TooLong,
}

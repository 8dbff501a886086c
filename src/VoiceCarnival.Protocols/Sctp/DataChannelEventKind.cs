namespace VoiceCarnival.Protocols.Sctp;

/// <summary>What <see cref="DataChannels"/> tell.</summary>
public enum DataChannelEventKind
{
    /// <summary>The association is there: channels can be opened.</summary>
    Connected,

    /// <summary>The peer has opened a channel, or has acknowledged ours.</summary>
    Opened,

    /// <summary>A string came, in UTF-8 that has not been checked.</summary>
    Text,

    /// <summary>Bytes came.</summary>
    Binary,

    /// <summary>The peer has closed its side of a channel; ours is being closed.</summary>
    ChannelClosing,

    /// <summary>A channel is closed, by either side.</summary>
    ChannelClosed,

    /// <summary>All are closed, and the association is over.</summary>
    Closed,
}

namespace VoiceCarnival.Transports.WebRtc.Channel;

/// <summary>What an <see cref="EventChannel"/> tells.</summary>
internal enum ChannelSignalKind
{
    /// <summary>The caller has opened the channel.</summary>
    Opened,

    /// <summary>A message came.</summary>
    Message,

    /// <summary>There is room again for what was held.</summary>
    Room,

    /// <summary>More waits for the caller than may wait.</summary>
    Overflow,

    /// <summary>The caller has closed the channel: it hangs up.</summary>
    ClosedByCaller,

    /// <summary>The channel is closed as we wanted it.</summary>
    Closed,

    /// <summary>The caller is gone without a word on the channel.</summary>
    Lost,
}

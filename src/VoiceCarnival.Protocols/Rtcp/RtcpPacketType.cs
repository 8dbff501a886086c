namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>What an RTCP packet is (RFC 3550, section 12.1; RFC 4585; RFC 3611).</summary>
public enum RtcpPacketType : byte
{
    /// <summary>What was sent and, of others, received.</summary>
    SenderReport = 200,

    /// <summary>What was received, by one who sends nothing.</summary>
    ReceiverReport = 201,

    /// <summary>Names of sources.</summary>
    SourceDescription = 202,

    /// <summary>Sources that leave.</summary>
    Goodbye = 203,

    /// <summary>Of the application's making.</summary>
    Application = 204,

    /// <summary>NACK and the like; nothing here needs them.</summary>
    TransportFeedback = 205,

    /// <summary>PLI and the like: for video.</summary>
    PayloadFeedback = 206,

    /// <summary>Extended reports.</summary>
    ExtendedReport = 207,
}

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Which way media flows, seen from whoever wrote the description (RFC 8866, section 6.7).</summary>
public enum MediaDirection
{
    /// <summary>Both ways; what is meant when nothing is said.</summary>
    SendReceive,

    /// <summary>The writer only sends: the other is on hold.</summary>
    SendOnly,

    /// <summary>The writer only receives.</summary>
    ReceiveOnly,

    /// <summary>Neither.</summary>
    Inactive,
}

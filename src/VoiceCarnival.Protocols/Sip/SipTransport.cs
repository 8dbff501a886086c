namespace VoiceCarnival.Protocols.Sip;

/// <summary>What carries messages.</summary>
public enum SipTransport
{
    /// <summary>Datagrams: a message may be lost, so it is sent again until answered.</summary>
    Udp,

    /// <summary>A stream.</summary>
    Tcp,

    /// <summary>An encrypted stream.</summary>
    Tls,
}

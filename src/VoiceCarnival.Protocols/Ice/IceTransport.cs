namespace VoiceCarnival.Protocols.Ice;

/// <summary>What carries a candidate.</summary>
public enum IceTransport
{
    /// <summary>Datagrams.</summary>
    Udp,

    /// <summary>Frames on a connection (RFC 6544).</summary>
    Tcp,
}

namespace VoiceCarnival.Protocols.Ice;

/// <summary>Who opens the connection of a TCP candidate (RFC 6544, section 4.5).</summary>
public enum IceTcpType
{
    /// <summary>Whoever offers it.</summary>
    Active,

    /// <summary>The other side; it is listened on.</summary>
    Passive,

    /// <summary>Both at once.</summary>
    SimultaneousOpen,
}

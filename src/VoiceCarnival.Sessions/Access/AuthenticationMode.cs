namespace VoiceCarnival.Sessions.Access;

/// <summary>When callers must show a key.</summary>
public enum AuthenticationMode
{
    /// <summary>On every connection that leaves this machine; not where both ends are loopback addresses.</summary>
    Auto,

    /// <summary>Never.</summary>
    Off,

    /// <summary>Always.</summary>
    Required,
}

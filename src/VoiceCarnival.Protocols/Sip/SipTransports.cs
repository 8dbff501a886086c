namespace VoiceCarnival.Protocols.Sip;

/// <summary>Transports as messages name them.</summary>
public static class SipTransports
{
    /// <summary>As it stands in Via.</summary>
    public static string ViaName(this SipTransport transport) => transport switch
    {
        SipTransport.Udp => "UDP",
        SipTransport.Tcp => "TCP",
        _ => "TLS",
    };

    /// <summary>As it stands in a URI's parameter.</summary>
    public static string UriName(this SipTransport transport) => transport switch
    {
        SipTransport.Udp => "udp",
        SipTransport.Tcp => "tcp",
        _ => "tls",
    };

    /// <summary>Nothing is lost on the way.</summary>
    public static bool IsReliable(this SipTransport transport) => transport != SipTransport.Udp;

    /// <summary>The port where none is given.</summary>
    public static int DefaultPort(this SipTransport transport) => transport == SipTransport.Tls ? 5061 : 5060;

    /// <summary>The transport of a name, in any case.</summary>
    public static SipTransport? Find(ReadOnlySpan<byte> name)
    {
        if (SipText.EqualsIgnoreCase(name, "udp"u8))
            return SipTransport.Udp;
        if (SipText.EqualsIgnoreCase(name, "tcp"u8))
            return SipTransport.Tcp;
        return SipText.EqualsIgnoreCase(name, "tls"u8) ? SipTransport.Tls : null;
    }
}

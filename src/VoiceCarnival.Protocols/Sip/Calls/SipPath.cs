using System.Net;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>How a message came, or how one is to go.</summary>
/// <param name="Transport">By what.</param>
/// <param name="Local">Our address as peers should use it: the public one when there is one.</param>
/// <param name="Remote">The peer's address as we see it.</param>
/// <param name="Connection">The connection; 0 with datagrams. Whoever has the sockets numbers them.</param>
/// <param name="IsTrusted">The peer is one of the operator's: its callers need no password, and what it says of them is believed.</param>
public sealed record SipPath(SipTransport Transport, IPEndPoint Local, IPEndPoint Remote, long Connection = 0, bool IsTrusted = false)
{
    /// <summary>Back to where it came from (RFC 3581, RFC 3261 section 18.2.2).</summary>
    public SipTarget Back => SipTarget.To(Transport, Remote, Connection);

    internal string LocalHost => HostOf(Local.Address);

    internal static string HostOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{new IPAddress(address.GetAddressBytes())}]" : address.ToString();
    }
}

using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Whose an address is, for limits: with IPv6 everybody has a network of 2^64 addresses (RFC 6177).</summary>
internal static class CallerNetwork
{
    /// <summary>The address itself, or its first 64 bits.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
            return address.Plain();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}

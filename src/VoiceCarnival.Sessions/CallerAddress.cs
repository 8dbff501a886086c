using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Sessions;

/// <summary>What counts as one address where callers are counted.</summary>
public static class CallerAddress
{
    /// <summary>The address itself; for IPv6 its /64, since that is what one caller owns; none for an unknown one.</summary>
    public static IPAddress ForLimits(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}

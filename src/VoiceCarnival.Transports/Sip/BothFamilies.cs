using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Sockets that stand for IPv4 as well as IPv6: those bound to <c>::</c>, as people expect it. The system names IPv4 addresses in a form of IPv6 there (<c>::ffff:192.0.2.1</c>, RFC 4291, section
/// 2.5.5.2), which belongs into no message, list or limit.
/// </summary>
internal static class BothFamilies
{
    /// <summary>Makes a socket such a one where its address says so; before it is bound.</summary>
    public static void Admit(Socket socket, IPAddress address)
    {
        if (address.Equals(IPAddress.IPv6Any))
            socket.DualMode = true;
    }

    /// <summary>The address as everybody writes it.</summary>
    public static IPAddress Plain(this IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The same with its port.</summary>
    public static IPEndPoint Plain(this IPEndPoint endPoint) => endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}

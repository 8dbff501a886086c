using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>Where a datagram came in and from where, as a value that can be looked up without an allocation.</summary>
/// <param name="End">Number of our end.</param>
/// <param name="High">Upper half of an IPv6 address; 0 for IPv4.</param>
/// <param name="Low">Lower half, or the IPv4 address.</param>
/// <param name="Port">The sender's port.</param>
internal readonly record struct RemoteKey(int End, ulong High, ulong Low, ushort Port)
{
    /// <summary>Takes the address apart as the operating systems lay it out: port at 2, IPv4 address at 4, IPv6 address at 8.</summary>
    public static RemoteKey Of(int end, SocketAddress remote)
    {
        var bytes = remote.Buffer.Span;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return remote.Family == AddressFamily.InterNetworkV6
            ? new RemoteKey(end, BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), port)
            : new RemoteKey(end, 0, BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port);
    }
}

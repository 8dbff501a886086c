using System.Net;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>Takes what arrives at a <see cref="UdpSocket"/>.</summary>
internal interface IDatagramReceiver
{
    /// <summary>One datagram, on the socket's thread. The bytes may be changed in place; they and <paramref name="remote"/> are valid during the call only.</summary>
    void Receive(UdpSocket socket, Span<byte> datagram, SocketAddress remote);
}

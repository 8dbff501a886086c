using System.Net;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>Takes what arrives at an <see cref="IDatagramEnd"/>.</summary>
internal interface IDatagramReceiver
{
    /// <summary>One datagram; those of one end come one after another. The bytes may be changed in place; they and <paramref name="remote"/> are valid during the call only.</summary>
    void Receive(IDatagramEnd end, Span<byte> datagram, SocketAddress remote);
}

using System.Net;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>One of our ends that datagrams come in and go out by: a UDP socket for everybody, or a TCP connection with one caller.</summary>
internal interface IDatagramEnd
{
    /// <summary>Tells our ends apart.</summary>
    int Number { get; }

    /// <summary>What carries the datagrams.</summary>
    IceTransport Transport { get; }

    /// <summary>Our address.</summary>
    IPEndPoint Local { get; }

    /// <summary>Sends a datagram, or loses it as a network may. Does not wait and does not throw.</summary>
    void Send(ReadOnlySpan<byte> datagram, SocketAddress remote);

    /// <summary>A peer has proved itself here and will use it.</summary>
    void Hold();

    /// <summary>It does so no longer.</summary>
    void Release();
}

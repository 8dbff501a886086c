using System.Net;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>Between an address of ours and one of the peer.</summary>
/// <param name="Transport">What carries it.</param>
/// <param name="Local">Ours.</param>
/// <param name="Remote">The peer's, as we see it.</param>
public readonly record struct IcePath(IceTransport Transport, IPEndPoint Local, IPEndPoint Remote);

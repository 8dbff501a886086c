using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>WebRTC calls whose media come to this server, <c>VoiceCarnival:WebRtc</c>.</summary>
public sealed class WebRtcOptions
{
    /// <summary>Take offers at <c>POST /v1/realtime/calls</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The one UDP port for all calls; 0 takes a free one at each start.</summary>
    [Range(0, 65_535)]
    public int UdpPort { get; set; }

    /// <summary>A TCP port as well, for callers whose network lets no UDP through; 0 takes a free one at each start. Empty for none.</summary>
    [Range(0, 65_535)]
    public int? TcpPort { get; set; }

    /// <summary>Address that callers reach us at when it is none of this machine's (NAT, a container); an IPv4 and an IPv6 one may be given with a comma between them.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>Addresses of this machine to listen on; empty for all of them.</summary>
    public string[] Addresses { get; set; } = [];

    /// <summary>
    /// Datagrams are taken from this machine only. When nothing is said: where HTTP is, neither address is given, and so nobody else could call. The addresses beside loopback stay open
    /// for browsers on this machine that do not use loopback for media, as Firefox.
    /// </summary>
    public bool? ThisMachineOnly { get; set; }

    /// <summary>STUN and TURN servers that callers are told of.</summary>
    public List<IceServerOptions> IceServers { get; set; } = [];

    /// <summary>A call whose browser has not got through by then is given up, seconds.</summary>
    [Range(2, 120)]
    public int ConnectSeconds { get; set; } = 20;

    /// <summary>A browser that asks for nothing any more (its ICE checks) is taken for gone after this long, seconds (RFC 7675 has 30).</summary>
    [Range(5, 120)]
    public int ConsentSeconds { get; set; } = 30;

    /// <summary>DTLS handshakes at a time; each takes a thread while it lasts. More wait for their turn.</summary>
    [Range(1, 256)]
    public int MaxHandshakes { get; set; } = 32;

    /// <summary>A DTLS handshake that is not through by then is given up, seconds.</summary>
    [Range(1, 60)]
    public int HandshakeSeconds { get; set; } = 15;

    /// <summary>Events waiting for a slow browser past which the engine holds further audio, kilobytes.</summary>
    [Range(16, 65_536)]
    public int OutputSoftLimitKilobytes { get; set; } = 256;

    /// <summary>Events waiting for a slow browser past which the call is given up, kilobytes.</summary>
    [Range(64, 262_144)]
    public int OutputHardLimitKilobytes { get; set; } = 8192;

    /// <summary>Take offers that name no transport here, too, where the engine has a way of its own past this server.</summary>
    public bool PreferOverDirect { get; set; }
}

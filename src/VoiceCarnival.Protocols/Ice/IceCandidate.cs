using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>A place where a peer may be reached: the value of <c>a=candidate</c> (RFC 8839, section 5.1).</summary>
/// <example><c>1 1 udp 2130706431 203.0.113.7 5081 typ host</c></example>
public sealed record IceCandidate
{
    private const int LongestName = 255;

    /// <summary>The same for candidates that share type, base and server.</summary>
    public required string Foundation { get; init; }

    /// <summary>1 for RTP, and with rtcp-mux for all; 2 for RTCP.</summary>
    public int Component { get; init; } = 1;

    /// <summary>What carries it.</summary>
    public IceTransport Transport { get; init; }

    /// <summary>Higher is preferred.</summary>
    public required uint Priority { get; init; }

    /// <summary>An IP address, or a name, <c>.local</c> ones among them.</summary>
    public required string Address { get; init; }

    /// <summary>The port, 0 to 65535; 9 for an active TCP candidate.</summary>
    public required int Port { get; init; }

    /// <summary>Where it comes from.</summary>
    public IceCandidateType Type { get; init; }

    /// <summary>For TCP: who opens the connection.</summary>
    public IceTcpType? TcpType { get; init; }

    /// <summary>One of our own addresses. Passive for TCP, as a server that listens has it.</summary>
    /// <param name="endPoint">Address and port that the peer can reach.</param>
    /// <param name="transport">What carries it.</param>
    /// <param name="rank">0 for the preferred address, then 1 and so on, up to 255.</param>
    public static IceCandidate Host(IPEndPoint endPoint, IceTransport transport, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, 255);
        bool tcp = transport == IceTransport.Tcp;
        // RFC 6544, section 4.2: TCP below UDP by its type preference; the local preference is 2^13 * direction (4 for passive host) + other.
        uint typePreference = tcp ? 90u : 126u;
        uint localPreference = tcp ? (4u << 13) + 8191u - (uint)rank : 65_535u - (uint)rank;
        return new IceCandidate
        {
            Foundation = ((tcp ? 256 : 0) + rank + 1).ToString(CultureInfo.InvariantCulture),
            Transport = transport,
            Priority = (typePreference << 24) | (localPreference << 8) | 255u,
            Address = endPoint.Address.ToString(),
            Port = endPoint.Port,
            TcpType = tcp ? IceTcpType.Passive : null,
        };
    }

    /// <summary>Reads the attribute's value, with or without <c>candidate:</c> before it. Extensions that follow are skipped.</summary>
    /// <returns>False when it is malformed, or of a transport or type that does not exist here; such candidates are to be ignored.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IceCandidate? candidate)
    {
        candidate = null;
        if (text.StartsWith("candidate:", StringComparison.OrdinalIgnoreCase))
            text = text["candidate:".Length..];
        Span<Range> words = stackalloc Range[40];
        int count = text.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (count < 8 || count == words.Length || !text[words[6]].Equals("typ", StringComparison.OrdinalIgnoreCase))
            return false;
        var foundation = text[words[0]];
        var address = text[words[4]];
        if (foundation.Length > 32 || address.Length > LongestName
            || !int.TryParse(text[words[1]], NumberStyles.None, CultureInfo.InvariantCulture, out int component) || component is < 1 or > 256
            || TransportOf(text[words[2]]) is not { } transport
            || !uint.TryParse(text[words[3]], NumberStyles.None, CultureInfo.InvariantCulture, out uint priority)
            || !int.TryParse(text[words[5]], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > ushort.MaxValue
            || TypeOf(text[words[7]]) is not { } type)
            return false;
        IceTcpType? tcpType = null;
        for (int i = 8; i + 1 < count; i += 2)
        {
            if (text[words[i]].Equals("tcptype", StringComparison.OrdinalIgnoreCase))
                tcpType = TcpTypeOf(text[words[i + 1]]);
        }

        candidate = new IceCandidate
        {
            Foundation = foundation.ToString(),
            Component = component,
            Transport = transport,
            Priority = priority,
            Address = address.ToString(),
            Port = port,
            Type = type,
            TcpType = transport == IceTransport.Tcp ? tcpType : null,
        };
        return true;
    }

    /// <summary>The attribute's value.</summary>
    public string Format()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Foundation} {Component} {(Transport == IceTransport.Udp ? "udp" : "tcp")} {Priority} {Address} {Port} typ ");
        text.Append(Type switch
        {
            IceCandidateType.Host => "host",
            IceCandidateType.ServerReflexive => "srflx",
            IceCandidateType.PeerReflexive => "prflx",
            _ => "relay",
        });
        if (TcpType is { } tcpType)
            text.Append(" tcptype ").Append(tcpType switch { IceTcpType.Active => "active", IceTcpType.Passive => "passive", _ => "so" });
        return text.ToString();
    }

    private static IceTransport? TransportOf(ReadOnlySpan<char> word)
    {
        if (word.Equals("udp", StringComparison.OrdinalIgnoreCase))
            return IceTransport.Udp;
        return word.Equals("tcp", StringComparison.OrdinalIgnoreCase) ? IceTransport.Tcp : null;
    }

    private static IceCandidateType? TypeOf(ReadOnlySpan<char> word) => word switch
    {
        "host" => IceCandidateType.Host,
        "srflx" => IceCandidateType.ServerReflexive,
        "prflx" => IceCandidateType.PeerReflexive,
        "relay" => IceCandidateType.Relay,
        _ => null,
    };

    private static IceTcpType? TcpTypeOf(ReadOnlySpan<char> word) => word switch
    {
        "active" => IceTcpType.Active,
        "passive" => IceTcpType.Passive,
        "so" => IceTcpType.SimultaneousOpen,
        _ => null,
    };
}

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>The addresses of this machine that a caller could reach.</summary>
internal static class LocalAddresses
{
    /// <summary>More interfaces than this are not listened on.</summary>
    public const int Most = 16;

    /// <summary>Those that are up, IPv4 before IPv6 and loopback last. Link-local ones are left out: they need a zone, which candidates do not have.</summary>
    public static IReadOnlyList<IPAddress> Find()
    {
        var found = new List<IPAddress>();
        try
        {
            foreach (var card in NetworkInterface.GetAllNetworkInterfaces())
            {
                if (card.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown))
                    continue;
                foreach (var address in card.GetIPProperties().UnicastAddresses)
                {
                    if (IsUsable(address.Address))
                        found.Add(address.Address);
                }
            }
        }
        catch (Exception exception) when (exception is NetworkInformationException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // A sandbox may hide the interfaces; callers on this machine can be served all the same.
        }

        if (!found.Exists(IPAddress.IsLoopback))
            found.Add(IPAddress.Loopback);
        return [.. found.Distinct().OrderBy(Rank).Take(Most)];
    }

    private static bool IsUsable(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !(address.GetAddressBytes() is [169, 254, ..]),
        AddressFamily.InterNetworkV6 => Socket.OSSupportsIPv6 && !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !address.IsIPv6SiteLocal,
        _ => false,
    };

    private static int Rank(IPAddress address) =>
        (IPAddress.IsLoopback(address) ? 2 : 0) + (address.AddressFamily == AddressFamily.InterNetworkV6 ? 1 : 0);
}

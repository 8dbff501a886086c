using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Where media goes: a <c>c=</c> line (RFC 8866, section 5.7).</summary>
/// <param name="Address">An IP address or a name.</param>
/// <param name="IsIPv6">The address type is IP6.</param>
public sealed record SdpConnection(string Address, bool IsIPv6 = false)
{
    /// <summary>An address of ours.</summary>
    public static SdpConnection From(IPAddress address) => new(address.ToString(), address.AddressFamily == AddressFamily.InterNetworkV6);

    /// <summary>The old way to put a call on hold (RFC 3264, section 8.4).</summary>
    public bool IsUnspecified => Address is "0.0.0.0" or "::";

    /// <summary>The line's value.</summary>
    public override string ToString() => $"IN {(IsIPv6 ? "IP6" : "IP4")} {Address}";

    internal static SdpConnection? TryParse(string value)
    {
        var words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 3 || words[0] != "IN" || words[1] is not ("IP4" or "IP6") || words[2].Length > 255)
            return null;
        // A time to live or a count may follow the address of a multicast group.
        string address = words[2].Split('/')[0];
        return address.Length == 0 ? null : new SdpConnection(address, words[1] == "IP6");
    }
}

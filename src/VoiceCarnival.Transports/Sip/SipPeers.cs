using System.Collections.Concurrent;
using System.Net;

namespace VoiceCarnival.Transports.Sip;

/// <summary>The operator's own peers, by address.</summary>
internal sealed class SipPeers
{
    private readonly ConcurrentDictionary<IPAddress, byte> _added = new();
    private readonly IPNetwork[] _networks;
    private readonly bool _takesAll;

    public SipPeers(SipOptions options)
    {
        _networks = [.. options.Peers.Select(Parse).OfType<IPNetwork>()];
        // Where only this machine can call, it may: by whichever of its addresses. A telephone program on it binds to the one that its network knows.
        _takesAll = IPAddress.TryParse(options.Address, out var address) && IPAddress.IsLoopback(address) && _networks.Length == 0 && options.Accounts.Count == 0;
    }

    public static bool IsValid(string text) => Parse(text) is not null;

    /// <summary>One more, as a trunk's name led to it.</summary>
    public void Add(IPAddress address) => _added.TryAdd(address.Plain(), 0);

    public bool Contains(IPAddress address)
    {
        address = address.Plain();
        if (_takesAll)
            return true;
        if (!_added.IsEmpty && _added.ContainsKey(address))
            return true;
        foreach (ref readonly var network in _networks.AsSpan())
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    private static IPNetwork? Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
            return network;
        return IPAddress.TryParse(text, out var address) && address.Plain() is var plain ? new IPNetwork(plain, plain.GetAddressBytes().Length * 8) : null;
    }
}

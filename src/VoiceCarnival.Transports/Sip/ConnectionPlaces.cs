using System.Net;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Who may have a connection to us: so many in all, so many of one network, and of strangers half, so that they never keep out those whom we know. A place is taken before anything is read or agreed, a handshake included.
/// </summary>
/// <param name="most">Connections in all.</param>
/// <param name="mostOfOne">Connections of one network.</param>
internal sealed class ConnectionPlaces(int most, int mostOfOne)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _networks = [];
    private int _count;
    private int _strangers;

    /// <summary>Takes a place, which <see cref="Leave"/> gives back.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryTake(IPAddress address, bool isPeer)
    {
        var network = CallerNetwork.Of(address);
        lock (_gate)
        {
            int own = _networks.GetValueOrDefault(network);
            if (_count >= most || own >= mostOfOne || (!isPeer && _strangers >= most / 2))
                return false;
            _networks[network] = own + 1;
            _count++;
            _strangers += isPeer ? 0 : 1;
            return true;
        }
    }

    /// <summary>The connection is closed.</summary>
    public void Leave(IPAddress address, bool isPeer)
    {
        var network = CallerNetwork.Of(address);
        lock (_gate)
        {
            if (--_networks[network] == 0)
                _networks.Remove(network);
            _count--;
            _strangers -= isPeer ? 0 : 1;
        }
    }
}

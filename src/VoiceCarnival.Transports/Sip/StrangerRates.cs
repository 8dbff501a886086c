using System.Net;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// How many messages of strangers are read in a second, in all and of one address, where phones with passwords may call from anywhere: asking each of a flood for its password costs
/// more than not to answer. What is beyond is dropped unread. Used by one thread.
/// </summary>
internal sealed class StrangerRates(int most, int mostOfOne)
{
    private const int MostAddresses = 4096;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _counts = [];
    private long _second = -1;
    private int _count;

    /// <summary>Takes a message.</summary>
    /// <param name="address">Where it came from.</param>
    /// <param name="milliseconds">Now, on any clock.</param>
    /// <returns>False when it is one too many.</returns>
    public bool TryTake(IPAddress address, long milliseconds)
    {
        var network = CallerNetwork.Of(address);
        lock (_gate)
        {
            if (milliseconds / 1000 != _second)
            {
                _second = milliseconds / 1000;
                _count = 0;
                _counts.Clear();
            }

            if (_count >= most)
                return false;
            int own = _counts.GetValueOrDefault(network);
            if (own >= mostOfOne || (own == 0 && _counts.Count >= MostAddresses))
                return false;
            _counts[network] = own + 1;
            _count++;
            return true;
        }
    }
}

using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>
/// Which peer a check on a shared port is for, by our fragment in its username. Looking up allocates nothing, so strangers cost a hash and no more. Not
/// thread-safe.
/// </summary>
/// <typeparam name="TPeer">What the driver keeps for each peer.</typeparam>
public sealed class IceUfrags<TPeer>
    where TPeer : class
{
    private const int Longest = 64;
    private readonly Dictionary<string, TPeer> _peers = new(StringComparer.Ordinal);

    /// <summary>Peers known by a fragment; one under restart has two.</summary>
    public int Count => _peers.Count;

    /// <summary>Adds a peer under our credentials for it.</summary>
    /// <returns>False when the fragment is taken: draw another.</returns>
    public bool TryAdd(string localUfrag, TPeer peer) => _peers.TryAdd(localUfrag, peer);

    /// <summary>Forgets a fragment.</summary>
    public void Remove(string localUfrag) => _peers.Remove(localUfrag);

    /// <summary>Finds the peer that a request is for.</summary>
    public TPeer? Find(in StunMessage message)
    {
        if (message.Class != StunClass.Request || !IceUsername.TryRead(message, out var receiver, out _) || receiver.Length > Longest)
            return null;
        Span<char> ufrag = stackalloc char[receiver.Length];
        for (int i = 0; i < ufrag.Length; i++)
            ufrag[i] = (char)receiver[i];
        return _peers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(ufrag, out var peer) ? peer : null;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>Which peer a datagram on the shared sockets is for: checks by the fragment in their username, all else by where it came from. Thread-safe.</summary>
/// <typeparam name="TPeer">What is kept for each peer.</typeparam>
internal sealed class PeerTable<TPeer>
    where TPeer : class
{
    private readonly Lock _gate = new();
    private readonly IceUfrags<TPeer> _byUfrag = new();
    private readonly ConcurrentDictionary<RemoteKey, TPeer> _byRemote = new();

    /// <summary>Fragments that checks are answered for.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _byUfrag.Count;
        }
    }

    /// <summary>Draws credentials for a peer and enters it under them.</summary>
    public IceCredentials Add(TPeer peer)
    {
        Span<byte> entropy = stackalloc byte[IceCredentials.EntropyLength];
        while (true)
        {
            RandomNumberGenerator.Fill(entropy);
            var credentials = IceCredentials.Create(entropy);
            lock (_gate)
            {
                if (_byUfrag.TryAdd(credentials.Ufrag, peer))
                    return credentials;
            }
        }
    }

    /// <summary>Forgets credentials.</summary>
    public void Remove(IceCredentials credentials)
    {
        lock (_gate)
            _byUfrag.Remove(credentials.Ufrag);
    }

    /// <summary>The peer that a check is for. Costs a stranger's datagram a hash and nothing else.</summary>
    public TPeer? Find(in StunMessage message)
    {
        lock (_gate)
            return _byUfrag.Find(message);
    }

    /// <summary>The peer whose checks have come from there.</summary>
    public bool TryFind(in RemoteKey remote, [NotNullWhen(true)] out TPeer? peer) => _byRemote.TryGetValue(remote, out peer);

    /// <summary>What comes from there is this peer's from now on, unless it is another's that <paramref name="isInUse"/> says is alive: nobody may take over another's line.</summary>
    public bool TryMap(in RemoteKey remote, TPeer peer, Func<TPeer, bool> isInUse)
    {
        while (true)
        {
            var known = _byRemote.GetOrAdd(remote, peer);
            if (ReferenceEquals(known, peer))
                return true;
            if (isInUse(known))
                return false;
            if (_byRemote.TryUpdate(remote, peer, known))
                return true;
        }
    }

    /// <summary>What comes from there is this peer's no longer.</summary>
    public void Unmap(in RemoteKey remote, TPeer peer) => _byRemote.TryRemove(KeyValuePair.Create(remote, peer));
}

using System.Net;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// Where one peer is: its checks, the ways that it came by, the one that it is sent to, and its entries in the table that all peers share. Not thread-safe, but for
/// <see cref="Selected"/> and <see cref="IsInUse"/>.
/// </summary>
internal sealed class PeerPaths
{
    // Checks may be six seconds apart (RFC 7675, section 5.1), and one of them lost.
    private static readonly TimeSpan InUse = TimeSpan.FromSeconds(15);
    private readonly WebRtcPeer _peer;
    private readonly PeerServices _services;
    private readonly IceLiteAgent _ice;
    private readonly List<IceCredentials> _credentials = [];
    private readonly Dictionary<RemoteKey, PeerRoute> _routes = [];
    private volatile PeerRoute? _selected;
    private long _lastCheck;

    /// <summary>Begins to wait for a peer's checks.</summary>
    public PeerPaths(WebRtcPeer peer, PeerServices services, WebRtcOffer offer)
    {
        (_peer, _services) = (peer, services);
        var local = services.Table.Add(peer);
        _credentials.Add(local);
        _ice = new IceLiteAgent(local, offer.Ice, new IceOptions
        {
            FirstCheck = TimeSpan.FromSeconds(services.Options.ConnectSeconds),
            Consent = TimeSpan.FromSeconds(services.Options.ConsentSeconds),
        }, services.Now);
    }

    /// <summary>Our credentials since the last restart.</summary>
    public IceCredentials Local => _ice.Local;

    /// <summary>Where to send; null while nothing may be sent.</summary>
    public PeerRoute? Selected => _selected;

    /// <summary>A check has come lately.</summary>
    public bool IsInUse => _services.Now.Ticks - Volatile.Read(ref _lastCheck) < InUse.Ticks;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline => _ice.NextDeadline;

    /// <summary>A STUN message with our fragment in it. Afterwards take what has happened.</summary>
    /// <param name="message">The message.</param>
    /// <param name="end">Where it came in.</param>
    /// <param name="remote">From where.</param>
    /// <param name="key">The same, to be looked up.</param>
    /// <param name="now">The time.</param>
    /// <param name="answer">Where the answer goes.</param>
    /// <returns>Bytes of the answer; 0 for none.</returns>
    public int Receive(in StunMessage message, IDatagramEnd end, SocketAddress remote, in RemoteKey key, TimeSpan now, Span<byte> answer)
    {
        // A yes where another call is would have this one wait there for ever: what comes from there is that one's.
        if (_services.Table.TryFind(key, out var other) && other != _peer && other.IsInUse)
        {
            _services.Metrics.Dropped(DropReason.Taken);
            return 0;
        }

        bool isNew = !_routes.TryGetValue(key, out var route);
        route ??= PeerRoute.Of(end, remote);
        var outcome = _ice.Receive(message, route.Path, now, answer, out int length);
        if (outcome == IceCheckOutcome.Refused)
            _services.Metrics.Dropped(DropReason.NotAuthentic);
        if (outcome == IceCheckOutcome.Accepted)
        {
            Volatile.Write(ref _lastCheck, now.Ticks);
            if (isNew)
            {
                _routes[key] = route;
                end.Hold();
            }

            // Asked again with each check: where another call was before, that one may be gone by now.
            _services.Table.TryMap(key, _peer, static other => other.IsInUse);
        }

        return length;
    }

    /// <summary>Lets time pass. Afterwards take what has happened.</summary>
    public void AdvanceTo(TimeSpan now) => _ice.AdvanceTo(now);

    /// <summary>Takes what has happened that matters to who sends: another way, or none any more.</summary>
    public bool TryTake(out IceEventKind happened)
    {
        while (_ice.TryTakeEvent(out var next))
        {
            happened = next.Kind;
            switch (next.Kind)
            {
                case IceEventKind.PathRemoved when Find(next.Path) is { } removed:
                    Drop(removed);
                    break;
                case IceEventKind.PathSelected when Find(next.Path) is { } selected:
                    _selected = selected;
                    return true;
                case IceEventKind.Restarted:
                    ForgetCredentials();
                    break;
                case IceEventKind.Failed:
                    _selected = null;
                    return true;
            }
        }

        happened = default;
        return false;
    }

    /// <summary>The peer restarts ICE: new credentials of both sides. Until it is through, the former ones hold as well.</summary>
    public IceCredentials Restart(IceCredentials remote)
    {
        var local = _services.Table.Add(_peer);
        _credentials.Add(local);
        _ice.Restart(local, remote, _services.Now);
        ForgetCredentials();
        return local;
    }

    /// <summary>Nothing is sent any more, without a word.</summary>
    public void Cut() => _selected = null;

    /// <summary>Leaves the table.</summary>
    public void Close()
    {
        _selected = null;
        foreach (var credentials in _credentials)
            _services.Table.Remove(credentials);
        _credentials.Clear();
        foreach (var route in _routes.Values.ToArray())
            Drop(route);
    }

    // Those that are no longer taken.
    private void ForgetCredentials()
    {
        for (int i = _credentials.Count - 1; i >= 0; i--)
        {
            if (_credentials[i] == _ice.Local || _credentials[i] == _ice.Former)
                continue;
            _services.Table.Remove(_credentials[i]);
            _credentials.RemoveAt(i);
        }
    }

    private void Drop(PeerRoute route)
    {
        _routes.Remove(route.Key);
        _services.Table.Unmap(route.Key, _peer);
        route.End.Release();
    }

    private PeerRoute? Find(IcePath path)
    {
        foreach (var route in _routes.Values)
        {
            if (route.Path.Equals(path))
                return route;
        }

        return null;
    }
}

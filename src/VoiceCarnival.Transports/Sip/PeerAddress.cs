using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Where the peer's audio comes from and ours goes (symmetric RTP): to the address that it has named, unless its audio comes from another one, as that of phones behind address
/// translators does. Whoever sends from the named address, or proves by a key that he is the peer, is it at once. Another port of the named address or of the one that the peer calls
/// from has to send <see cref="Wanted"/> packets in a row, and takes the place of one that was heard only after <see cref="Silence"/> or a new agreement; an address that neither of
/// them is, only as long as neither has sent. So no packet of a stranger turns a call to him. Thread-safe.
/// </summary>
internal sealed class PeerAddress(AddressFamily family)
{
    /// <summary>How long an address says nothing before another of the peer's may take its place, ms: a translator that forgot and made a new one.</summary>
    public const long Silence = 3000;

    /// <summary>Packets in a row, by their numbers, before a source is believed that the peer has not named.</summary>
    public const int Wanted = 3;

    private readonly Lock _gate = new();
    private readonly IPEndPoint _any = new(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
    private IPEndPoint? _named;
    private IPAddress? _caller;
    private SocketAddress? _source;
    private Trust _trust;
    private long _heardAt;
    private bool _isRenewed;
    private SocketAddress? _candidate;
    private SequenceNumber _next;
    private int _inRow;
    private volatile IPEndPoint? _target;

    // How much speaks for a source: nothing, its address, its address and port.
    private enum Trust
    {
        None,
        Address,
        Whole,
    }

    /// <summary>Where our audio goes; null before anything was agreed on.</summary>
    public IPEndPoint? Target => _target;

    /// <summary>The peer names an address anew: what was learned before is forgotten.</summary>
    /// <param name="named">The address and port in its description.</param>
    /// <param name="caller">Where its messages come from.</param>
    public void Agree(IPEndPoint? named, IPAddress? caller)
    {
        lock (_gate)
        {
            (_named, _caller, _target) = (named?.Plain(), caller?.Plain(), named);
            (_source, _candidate, _trust) = (null, null, Trust.None);
        }
    }

    /// <summary>The peer names the same address again, maybe since nobody hears it any more: another address of its own need not wait for a silence.</summary>
    public void Renew()
    {
        lock (_gate)
            _isRenewed = true;
    }

    /// <summary>A packet of the call, of a type that was agreed on.</summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="isAuthentic">It proved to be the peer's own, by its key.</param>
    /// <param name="now">Milliseconds, on any clock.</param>
    /// <returns>Whether it is the peer's, as far as can be known.</returns>
    public bool TryTake(SocketAddress from, SequenceNumber sequence, bool isAuthentic, long now)
    {
        lock (_gate)
        {
            if (_source is not null && _source.Equals(from))
            {
                (_heardAt, _isRenewed) = (now, false);
                return true;
            }

            var source = (IPEndPoint)_any.Create(from);
            var trust = TrustOf(source, isAuthentic);
            if (trust < Trust.Whole)
            {
                bool isSilent = now - _heardAt >= Silence;
                bool isFree = _source is null || trust > _trust || (trust == _trust && isSilent) || (trust == Trust.Address && (isSilent || _isRenewed));
                if (!isAuthentic && !(isFree && IsThird(from, sequence)))
                    return false;
            }

            _source = source.Serialize();
            (_trust, _heardAt, _isRenewed, _target, _candidate) = (trust, now, false, source, null);
            return true;
        }
    }

    private Trust TrustOf(IPEndPoint source, bool isAuthentic)
    {
        var plain = source.Plain();
        if (plain.Equals(_named))
            return Trust.Whole;
        return isAuthentic || plain.Address.Equals(_named?.Address) || plain.Address.Equals(_caller) ? Trust.Address : Trust.None;
    }

    private bool IsThird(SocketAddress from, SequenceNumber sequence)
    {
        bool goesOn = _candidate is not null && _candidate.Equals(from) && sequence == _next;
        _inRow = goesOn ? _inRow + 1 : 1;
        if (!goesOn)
        {
            // Whoever receives reuses it.
            _candidate = new SocketAddress(from.Family, from.Size);
            from.Buffer.Span[..from.Size].CopyTo(_candidate.Buffer.Span);
        }

        _next = sequence.Next;
        return _inRow >= Wanted;
    }
}

namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>
/// The highest count that came with each nonce (RFC 7616, section 3.4: <c>nc</c>), as long as the nonce is good. Bounded: only those who know a password get in here, and past
/// <see cref="Most"/> nonces nobody does until the oldest have run out.
/// </summary>
internal sealed class NonceCounts(TimeSpan lifetime)
{
    /// <summary>Nonces kept at most.</summary>
    public const int Most = 100_000;

    private readonly Dictionary<string, uint> _highest = new(StringComparer.Ordinal);
    private readonly Queue<(string Nonce, TimeSpan Made)> _order = new();

    /// <summary>Uses a count up.</summary>
    /// <returns>False when it, or a higher one, was used before.</returns>
    public bool TryTake(string nonce, uint count, TimeSpan made, TimeSpan now)
    {
        while (_order.TryPeek(out var oldest) && now - oldest.Made > lifetime)
            _highest.Remove(_order.Dequeue().Nonce);
        if (_highest.TryGetValue(nonce, out uint highest))
        {
            if (count <= highest)
                return false;
        }
        else
        {
            if (_highest.Count >= Most)
                return false;
            _order.Enqueue((nonce, made));
        }

        _highest[nonce] = count;
        return true;
    }
}

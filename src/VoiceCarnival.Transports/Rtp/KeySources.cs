namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// Keys that come by two ways, RTP (RFC 4733) and SIP INFO: some peers send both. Each way alone is believed; a key that came by the other within
/// <see cref="Span"/> is the same one. Thread-safe.
/// </summary>
internal sealed class KeySources
{
    /// <summary>How far apart the two of one key are at most, from the end of the one that lasts.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromSeconds(1);

    private const int Most = 64;
    private readonly Lock _gate = new();
    private readonly List<(char Key, bool IsInBand, TimeSpan At)> _unpaired = [];

    /// <summary>A key by RTP.</summary>
    /// <returns>False when it was told already.</returns>
    public bool TakeInBand(char key, TimeSpan now) => Take(key, isInBand: true, now);

    /// <summary>A key by RTP is still held: an INFO that tells of it, with how long it was, comes at its end.</summary>
    public void HoldInBand(char key, TimeSpan now)
    {
        lock (_gate)
        {
            int held = _unpaired.FindLastIndex(seen => seen.Key == key && seen.IsInBand && now - seen.At <= Span);
            if (held >= 0)
                _unpaired[held] = (key, true, now);
        }
    }

    /// <summary>A key by INFO.</summary>
    /// <returns>False when it was told already.</returns>
    public bool TakeBeside(char key, TimeSpan now) => Take(key, isInBand: false, now);

    private bool Take(char key, bool isInBand, TimeSpan now)
    {
        lock (_gate)
        {
            _unpaired.RemoveAll(seen => now - seen.At > Span);
            int twin = _unpaired.FindIndex(seen => seen.Key == key && seen.IsInBand != isInBand);
            if (twin >= 0)
            {
                _unpaired.RemoveAt(twin);
                return false;
            }

            if (_unpaired.Count < Most)
                _unpaired.Add((key, isInBand, now));
            return true;
        }
    }
}

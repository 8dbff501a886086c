namespace VoiceCarnival.Protocols.Rtp;

/// <summary>
/// Turns sequence numbers, which begin again after 65535, into a count that does not: each number is taken for the one nearest to the highest so far
/// (the estimate of RFC 3711, appendix A, without its key). Starts at the first number given.
/// </summary>
public struct SequenceUnwrapper
{
    private long _highest;
    private bool _started;

    /// <summary>The highest count so far; 0 before the first.</summary>
    public readonly long Highest => _highest;

    /// <summary>The count of a packet; may be lower than an earlier one, and negative when packets before the first turn up.</summary>
    public long Unwrap(SequenceNumber number)
    {
        if (!_started)
        {
            _started = true;
            _highest = number.Value;
            return _highest;
        }

        long count = _highest + new SequenceNumber((ushort)_highest).DistanceTo(number);
        _highest = Math.Max(_highest, count);
        return count;
    }
}

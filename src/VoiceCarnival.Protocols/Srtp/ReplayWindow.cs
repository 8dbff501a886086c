namespace VoiceCarnival.Protocols.Srtp;

/// <summary>Which of the last 64 indices have been seen (RFC 3711, section 3.3.2), so that no packet counts twice.</summary>
internal struct ReplayWindow
{
    private const int Size = 64;
    private ulong _seen;

    /// <summary>The highest index marked; meaningless before the first.</summary>
    public ulong Highest { get; private set; }

    public readonly bool IsEmpty => _seen == 0;

    /// <summary>The packet is neither seen nor too old to tell.</summary>
    public readonly bool Admits(ulong index)
    {
        if (_seen == 0 || index > Highest)
            return true;
        ulong age = Highest - index;
        return age < Size && (_seen & (1UL << (int)age)) == 0;
    }

    /// <summary>Marks an authenticated packet as seen.</summary>
    public void Mark(ulong index)
    {
        if (_seen == 0 || index > Highest)
        {
            ulong step = _seen == 0 ? Size : index - Highest;
            _seen = step >= Size ? 1 : (_seen << (int)step) | 1;
            Highest = index;
        }
        else if (Highest - index < Size)
        {
            _seen |= 1UL << (int)(Highest - index);
        }
    }
}

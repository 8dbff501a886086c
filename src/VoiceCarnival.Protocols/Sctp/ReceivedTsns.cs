namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Which TSNs have come: all up to one, and some beyond it. TSNs are counted on in 64 bits here, so that they do not wrap.</summary>
internal sealed class ReceivedTsns(long cumulative)
{
    /// <summary>How far beyond the first gap anything is taken.</summary>
    public const int Reach = 4096;

    // One bit for each TSN within reach, at its number modulo the reach.
    private readonly ulong[] _bits = new ulong[Reach / 64];
    private long _highest = cumulative;

    /// <summary>The last one before the first gap.</summary>
    public long Cumulative { get; private set; } = cumulative;

    /// <summary>Something is missing.</summary>
    public bool HasGap => _highest > Cumulative;

    /// <summary>Counts a TSN on from its 32 bits.</summary>
    public long PlaceOf(uint tsn) => Cumulative + (int)(tsn - (uint)Cumulative);

    public bool Contains(long place) => place <= Cumulative || (place <= _highest && (_bits[Word(place)] & Bit(place)) != 0);

    /// <summary>Takes note of one within reach that has not come before.</summary>
    public void Add(long place)
    {
        _highest = Math.Max(_highest, place);
        _bits[Word(place)] |= Bit(place);
        for (long next = Cumulative + 1; (_bits[Word(next)] & Bit(next)) != 0; next++)
        {
            _bits[Word(next)] &= ~Bit(next);
            Cumulative = next;
        }
    }

    /// <summary>Finds the blocks beyond the first gap, as a SACK tells them: the offsets of first and last from <see cref="Cumulative"/>.</summary>
    /// <returns>Numbers written; what does not fit is left out.</returns>
    public int FindBlocks(Span<ushort> blocks)
    {
        int count = 0;
        bool inside = false;
        for (long place = Cumulative + 1; place <= _highest; place++)
        {
            bool has = Contains(place);
            if (has && !inside && count + 2 > blocks.Length)
                break;
            if (has && !inside)
                blocks[count++] = (ushort)(place - Cumulative);
            else if (!has && inside)
                blocks[count++] = (ushort)(place - 1 - Cumulative);
            inside = has;
        }

        // The highest has come, so it ends a block.
        if (inside)
            blocks[count++] = (ushort)(_highest - Cumulative);
        return count;
    }

    private static int Word(long place) => (int)(place & (Reach - 1)) / 64;

    private static ulong Bit(long place) => 1UL << (int)(place & 63);
}

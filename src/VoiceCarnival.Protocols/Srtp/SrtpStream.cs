namespace VoiceCarnival.Protocols.Srtp;

/// <summary>What is kept for each source: which packets have been seen, and with them the rollover counter.</summary>
internal sealed class SrtpStream
{
    private const ulong MaxIndex = (1UL << 48) - 1;
    private const int HalfCircle = 1 << 15;

    /// <summary>RTP packets by 48-bit index.</summary>
    public ReplayWindow Rtp;

    /// <summary>RTCP packets by 31-bit index.</summary>
    public ReplayWindow Rtcp;

    /// <summary>The index of the next RTCP packet to send.</summary>
    public uint NextRtcpIndex { get; set; } = 1;

    /// <summary>
    /// The most probable index of a sequence number: the one nearest to the highest so far (RFC 3711, section 3.3.1 and appendix A).
    /// </summary>
    /// <returns>Null when the 48 bits are used up, after which the key must not be used.</returns>
    public ulong? Estimate(ushort sequence)
    {
        if (Rtp.IsEmpty)
            return sequence;
        ulong counter = Rtp.Highest >> 16;
        int highest = (ushort)Rtp.Highest;
        if (highest < HalfCircle)
        {
            // A number far above belongs to the round before. There is none before the first: then it is this round's.
            if (sequence - highest > HalfCircle && counter > 0)
                counter--;
        }
        else if (highest - HalfCircle > sequence)
        {
            counter++;
        }

        ulong index = (counter << 16) | sequence;
        return index <= MaxIndex ? index : null;
    }
}

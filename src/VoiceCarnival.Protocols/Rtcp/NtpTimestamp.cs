namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>Wall clock in a sender report: seconds since 1900 and their fraction, 32 bits each (RFC 3550, section 4).</summary>
/// <param name="Value">Both, seconds above.</param>
public readonly record struct NtpTimestamp(ulong Value)
{
    private static readonly DateTimeOffset Epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The middle 32 bits, as report blocks repeat them: units of 1/65536 s.</summary>
    public uint Middle => (uint)(Value >> 16);

    /// <summary>A moment; era 0 ends in 2036 and wraps around, as receivers expect.</summary>
    public static NtpTimestamp From(DateTimeOffset moment)
    {
        var since = moment - Epoch;
        ulong seconds = (ulong)(since.Ticks / TimeSpan.TicksPerSecond);
        ulong fraction = (ulong)(since.Ticks % TimeSpan.TicksPerSecond) << 32;
        return new NtpTimestamp((seconds << 32) | (fraction / TimeSpan.TicksPerSecond));
    }
}

namespace VoiceCarnival.Protocols.Sip;

/// <summary>Times of the transaction layer (RFC 3261, section 17 and table 4).</summary>
public sealed record SipTimers
{
    /// <summary>The RFC's.</summary>
    public static SipTimers Default { get; } = new();

    /// <summary>The round trip that is expected: first retransmission.</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between retransmissions, except of an INVITE.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a message can be under way.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an INVITE may be without an answer before 100 is sent (section 17.2.1).</summary>
    public TimeSpan Trying { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Timers B, F, H, J, L and M: when to stop trying, and how long late copies may come.</summary>
    public TimeSpan Timeout => 64 * T1;

    /// <summary>Timer D: at least 32 seconds.</summary>
    public TimeSpan D => Timeout > TimeSpan.FromSeconds(32) ? Timeout : TimeSpan.FromSeconds(32);

    /// <summary>Twice as long, but no longer than T2.</summary>
    public TimeSpan Next(TimeSpan interval) => 2 * interval < T2 ? 2 * interval : T2;
}

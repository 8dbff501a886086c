using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>How a <see cref="SipUserAgent"/> behaves.</summary>
public sealed class SipUserAgentOptions
{
    /// <summary>What we call ourselves in User-Agent and Server.</summary>
    public string Product { get; init; } = "VoiceCarnival";

    /// <summary>Times of the transaction layer.</summary>
    public SipTimers Timers { get; init; } = SipTimers.Default;

    /// <summary>What audio can be coded in, the preferred first.</summary>
    public IReadOnlyList<RtpCodec> Codecs { get; init; } = [RtpCodec.Pcmu, RtpCodec.Pcma];

    /// <summary>Whether audio is encrypted with keys in the SDP.</summary>
    public SrtpUse Srtp { get; init; } = SrtpUse.Never;

    /// <summary>Calls at a time, of both directions.</summary>
    public int MaxCalls { get; init; } = 1000;

    /// <summary>Calls at a time from one address.</summary>
    public int MaxCallsPerAddress { get; init; } = 1000;

    /// <summary>New calls in a second.</summary>
    public int MaxCallsPerSecond { get; init; } = 200;

    /// <summary>New calls in a second from one address.</summary>
    public int MaxCallsPerSecondPerAddress { get; init; } = 200;

    /// <summary>After how long a session is refreshed at the latest (RFC 4028), when we are asked.</summary>
    public TimeSpan SessionInterval { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary>The shortest interval that is taken: 90 s is the lowest that the RFC allows.</summary>
    public TimeSpan MinSessionInterval { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a call of ours may ring, and a call to us be unanswered.</summary>
    public TimeSpan RingTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Trusted peers may ask us to call somebody else; otherwise they get 603, as all others do.</summary>
    public bool TakesTransfers { get; init; }

    /// <summary>Checks callers that are not trusted; null when only those that are may call, and others get 403.</summary>
    public Digest.DigestServer? Digest { get; init; }
}

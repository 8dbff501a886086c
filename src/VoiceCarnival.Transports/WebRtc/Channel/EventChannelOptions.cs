namespace VoiceCarnival.Transports.WebRtc.Channel;

/// <summary>Sizes of an <see cref="EventChannel"/>.</summary>
internal sealed record EventChannelOptions
{
    /// <summary>The caller's SCTP port.</summary>
    public required ushort RemotePort { get; init; }

    /// <summary>We were the DTLS client.</summary>
    public required bool IsDtlsClient { get; init; }

    /// <summary>The longest message that the caller takes, bytes; 0 when it sets no limit.</summary>
    public required long LargestForCaller { get; init; }

    /// <summary>Bytes waiting past which no more should come.</summary>
    public int SoftLimit { get; init; } = 256 * 1024;

    /// <summary>Bytes waiting past which the caller is given up.</summary>
    public int HardLimit { get; init; } = 8192 * 1024;
}

namespace VoiceCarnival.WebSockets;

/// <summary>What one line may use.</summary>
public sealed record WebSocketLimits
{
    /// <summary>Largest message from the peer, bytes.</summary>
    public int LargestMessage { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes waiting to be written, or kept, past which <see cref="WebSocketLink.Send(Opcode, ReadOnlySpan{byte})"/> is false.</summary>
    public int SoftLimit { get; init; } = 256 * 1024;

    /// <summary>Bytes waiting to be written past which the line is given up.</summary>
    public int HardLimit { get; init; } = 8 * 1024 * 1024;

    /// <summary>A write, of 64 KB at most, that takes longer ends the line.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A ping goes out after this long without a byte from the peer.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The same when something was sent since; null for <see cref="PingAfter"/>.</summary>
    public TimeSpan? PingAfterSending { get; init; }

    /// <summary>The line is dead when nothing came for this long after a ping was written.</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where what is sent is kept until it is proved to have arrived: longest without asking for the proof.</summary>
    public TimeSpan ProofInterval { get; init; } = TimeSpan.FromMilliseconds(125);
}

using System.ComponentModel.DataAnnotations;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>The WebSocket transport, <c>VoiceCarnival:WebSocket</c>.</summary>
public sealed class WebSocketTransportOptions
{
    /// <summary>Serve <c>/v1/realtime</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Largest message from a caller, kilobytes. OpenAI takes appends of 15 MiB, which are 20 MiB as base64.</summary>
    [Range(16, 65_536)]
    public int MaxMessageKilobytes { get; set; } = 21 * 1024;

    /// <summary>A caller that does not read 64 KB within this time has its connection ended, seconds.</summary>
    [Range(1, 300)]
    public int WriteTimeoutSeconds { get; set; } = 10;

    /// <summary>A ping goes out after this long without traffic, seconds.</summary>
    [Range(1, 300)]
    public int PingSeconds { get; set; } = 15;

    /// <summary>The line is dead when a ping is not answered for this long, seconds.</summary>
    [Range(1, 300)]
    public int PongTimeoutSeconds { get; set; } = 20;

    /// <summary>Output waiting for a slow reader past which the engine holds further audio, kilobytes.</summary>
    [Range(16, 65_536)]
    public int OutputSoftLimitKilobytes { get; set; } = 256;

    /// <summary>Output waiting for a slow reader past which the connection is given up, kilobytes.</summary>
    [Range(64, 262_144)]
    public int OutputHardLimitKilobytes { get; set; } = 8192;

    internal WebSocketLimits Limits => new()
    {
        LargestMessage = MaxMessageKilobytes * 1024,
        SoftLimit = OutputSoftLimitKilobytes * 1024,
        HardLimit = OutputHardLimitKilobytes * 1024,
        WriteTimeout = TimeSpan.FromSeconds(WriteTimeoutSeconds),
        PingAfter = TimeSpan.FromSeconds(PingSeconds),
        PongTimeout = TimeSpan.FromSeconds(PongTimeoutSeconds),
    };
}

using System.Text.Json;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>A line that keeps what is sent over it.</summary>
internal sealed class RecordingLine(MediaClock clock) : IRtpLine
{
    public bool UnderstandsExtensions => false;

    /// <summary>Keep the packets; off where only allocations count.</summary>
    public bool Keeps { get; set; } = true;

    public bool HasRoom { get; set; } = true;

    public List<SentPacket> Packets { get; } = [];

    public List<byte[]> Reports { get; } = [];

    public List<(TimeSpan At, string Type, JsonElement Json)> Events { get; } = [];

    public SessionTermination? Closed { get; private set; }

    public Action<byte[]>? OnRtp { get; set; }

    public IEnumerable<string> Types => Events.Select(e => e.Type);

    public void SendRtp(Span<byte> buffer, int length)
    {
        Assert.Null(Closed);
        Assert.True(buffer.Length - length >= IRtpLine.Spare);
        if (!Keeps)
            return;
        byte[] packet = buffer[..length].ToArray();
        Assert.Equal(RtpError.None, RtpPacket.TryRead(packet, out var rtp));
        Packets.Add(new SentPacket(clock.Now, rtp.Header, rtp.Payload.ToArray()));
        OnRtp?.Invoke(packet);
    }

    public void SendRtcp(Span<byte> buffer, int length)
    {
        Assert.Null(Closed);
        Assert.True(buffer.Length - length >= IRtpLine.Spare);
        if (Keeps)
            Reports.Add(buffer[..length].ToArray());
    }

    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (Keeps)
            Events.Add((clock.Now, type, JsonDocument.Parse(utf8Json.ToArray()).RootElement));
        return HasRoom;
    }

    public void Close(SessionTermination termination)
    {
        Assert.Null(Closed);
        Closed = termination;
    }

    public JsonElement Last(string type) => Events.Last(e => e.Type == type).Json;
}

internal sealed record SentPacket(TimeSpan At, RtpHeader Header, byte[] Payload);

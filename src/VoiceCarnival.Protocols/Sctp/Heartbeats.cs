using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Asks a silent peer whether it is there (RFC 9260, section 8.3), and any peer for the round trip while that is not known.</summary>
internal sealed class Heartbeats(TransmissionControlBlock block)
{
    private const ushort InfoType = 1;
    private const int InfoLength = 12;
    private uint _nonce;
    private int _unanswered;
    private TimeSpan _due;

    /// <summary>When the next is due; null unless the association is under way.</summary>
    public TimeSpan? Deadline => block.IsUnderWay ? _due : null;

    /// <summary>The association is under way.</summary>
    public void Start(TimeSpan now)
    {
        _unanswered = 0;
        _nonce = 0;
        _due = block.RoundTrip.Smoothed is null ? now : now + block.Options.HeartbeatInterval;
    }

    /// <summary>The next one goes out now: the line may have changed.</summary>
    public void Hurry(TimeSpan now) => _due = now;

    /// <summary>A peer that sends is there.</summary>
    public void OnHeard(TimeSpan now)
    {
        if (_unanswered > 0 && block.RoundTrip.Smoothed is null)
            return;
        _unanswered = 0;
        if (_due > now)
            _due = now + block.Options.HeartbeatInterval;
    }

    public void OnAck(ReadOnlySpan<byte> info, TimeSpan now)
    {
        if (info.Length < SctpParameter.HeaderLength + InfoLength || BinaryPrimitives.ReadUInt32BigEndian(info[12..]) != _nonce || _nonce == 0)
            return;
        var sent = new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(info[SctpParameter.HeaderLength..]));
        if (sent <= now && now - sent < block.Options.HeartbeatInterval)
            block.RoundTrip.Measure(now - sent);
        _nonce = 0;
        _unanswered = 0;
        _due = now + block.Options.HeartbeatInterval;
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (!(now >= Deadline))
            return;
        block.GiveUpAfter(_unanswered);
        if (!block.IsUnderWay)
            return;
        _unanswered++;
        _nonce = block.Secrets.Next();
        Span<byte> info = stackalloc byte[SctpParameter.HeaderLength + InfoLength];
        SctpParameter.WriteHeader(info, InfoType, InfoLength);
        BinaryPrimitives.WriteInt64BigEndian(info[4..], now.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(info[12..], _nonce);
        block.Send(SctpChunkType.Heartbeat, info);
        _due = now + block.RoundTrip.Timeout(_unanswered);
    }
}

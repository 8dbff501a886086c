using System.Security.Cryptography;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Transports.WebRtc.Channel;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>The data of one peer: the line that a handshake made safe, and the channel for events over it, where the offer has one. Not thread-safe.</summary>
internal sealed class PeerData(EventChannel? channel)
{
    private const int LongestPacket = 1200;
    private DtlsLink? _link;

    /// <summary>That which an offer asks for.</summary>
    public static PeerData Of(WebRtcOffer offer, bool isDtlsClient, WebRtcOptions options) => new(offer.Data is null ? null : new EventChannel(new EventChannelOptions
    {
        RemotePort = (ushort)offer.SctpPort,
        IsDtlsClient = isDtlsClient,
        LargestForCaller = offer.MaxMessageSize,
        SoftLimit = options.OutputSoftLimitKilobytes * 1024,
        HardLimit = options.OutputHardLimitKilobytes * 1024,
    }, RandomNumberGenerator.GetBytes(SctpAssociation.EntropyLength)));

    /// <summary>The handshake is through.</summary>
    public bool IsSecured => _link is not null;

    /// <summary>The peer has said goodbye, or the line is broken.</summary>
    public bool HasLeft => _link?.IsClosed == true;

    /// <summary>There is a channel, and a line for it.</summary>
    public bool IsUp => channel is not null && _link?.IsClosed == false;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline => _link is null ? null : channel?.NextDeadline;

    /// <summary>The line is safe.</summary>
    public void Begin(DtlsLink link, TimeSpan now)
    {
        _link = link;
        channel?.Begin(now);
    }

    /// <summary>A datagram came on the safe line.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        _link!.Offer(datagram);
        Receive(now);
    }

    /// <summary>Takes what has been waiting.</summary>
    public void Receive(TimeSpan now)
    {
        while (_link!.TryTake(out var data))
            channel?.Receive(data, now);
    }

    /// <summary>Takes what has happened on the channel.</summary>
    public bool TryTake(out ChannelSignal signal)
    {
        signal = default;
        return _link is not null && channel?.TryTake(out signal) == true;
    }

    /// <summary>Queues an event; dropped without a channel.</summary>
    /// <returns>False when more waits than should.</returns>
    public bool Write(string type, ReadOnlySpan<byte> utf8Json) => channel?.Write(type, utf8Json) ?? true;

    /// <summary>Sends on while what has happened is left lying.</summary>
    /// <returns>False when the peer has broken off meanwhile.</returns>
    public bool GoOn() => _link is null || channel?.GoOn() != false;

    /// <summary>Takes the events that the peer is not known to have got.</summary>
    public IReadOnlyList<WrittenEvent> TakeUndelivered() => channel?.TakeUndelivered() ?? [];

    /// <summary>Sends what there is to be sent.</summary>
    public void Send(TimeSpan now)
    {
        if (channel is null || _link is not { } link)
            return;
        Span<byte> packet = stackalloc byte[LongestPacket];
        while (channel.TryTakeTransmit(now, packet, out int length))
            link.Send(packet[..length]);
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (_link is not null)
            channel?.AdvanceTo(now);
    }

    /// <summary>The peer is somewhere else now.</summary>
    public void OnPathChanged(TimeSpan now)
    {
        if (_link is not null)
            channel?.OnPathChanged(now);
    }

    /// <summary>Closes the channel in order.</summary>
    public void Close() => channel?.Close();

    /// <summary>Breaks it all off, and says so.</summary>
    public void Abort(TimeSpan now)
    {
        if (_link is not { } link)
            return;
        channel?.Abort();
        Send(now);
        link.Close();
    }

    /// <summary>Nothing is sent any more, without a word.</summary>
    public void Cut() => _link = null;
}

using System.Diagnostics.CodeAnalysis;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// The data channels of a peer: DCEP (RFC 8832) and the message kinds of RFC 8831 on an <see cref="SctpAssociation"/>. All are reliable and in order, whatever
/// less was asked for. Take events from here and packets from the association. Not thread-safe.
/// </summary>
/// <param name="association">What they run on.</param>
/// <param name="isDtlsClient">Which half of the streams is ours to open: the even ones for the DTLS client (RFC 8832, section 6).</param>
public sealed class DataChannels(SctpAssociation association, bool isDtlsClient)
{
    private const uint Dcep = 50;
    private const uint String = 51;
    private const uint Binary = 53;
    private const uint EmptyString = 56;
    private const uint EmptyBinary = 57;
    private const int MaxChannels = 256;
    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly Queue<DataChannelEvent> _events = new();

    /// <summary>Those that are not closed on both sides.</summary>
    public IReadOnlyCollection<DataChannel> Channels => _channels.Values;

    /// <summary>Finds a channel.</summary>
    public bool TryGet(ushort id, [NotNullWhen(true)] out DataChannel? channel) => _channels.TryGetValue(id, out channel);

    /// <summary>Opens a channel.</summary>
    /// <returns>Null when not connected, when the send buffer is full, or when there are too many.</returns>
    public DataChannel? TryOpen(string label, string protocol = "")
    {
        if (_channels.Count == MaxChannels || FreeId() is not { } id || !association.TrySend(id, Dcep, new DcepOpen(0, 0, 0, label, protocol).Format()))
            return null;
        return _channels[id] = new DataChannel(id, label, protocol, isOurs: true);
    }

    /// <summary>Sends a string.</summary>
    /// <param name="id">The channel.</param>
    /// <param name="utf8">The string; may be empty.</param>
    /// <returns>False when there is no such channel or the send buffer is full; see <see cref="SctpAssociation.BufferedAmount"/>.</returns>
    public bool TrySendText(ushort id, ReadOnlySpan<byte> utf8) => TrySend(id, String, EmptyString, utf8);

    /// <summary>Sends bytes.</summary>
    /// <param name="id">The channel.</param>
    /// <param name="bytes">The bytes; there may be none.</param>
    /// <returns>False when there is no such channel or the send buffer is full.</returns>
    public bool TrySendBinary(ushort id, ReadOnlySpan<byte> bytes) => TrySend(id, Binary, EmptyBinary, bytes);

    /// <summary>Closes a channel once what is queued has been sent; <see cref="DataChannelEventKind.ChannelClosed"/> follows when the peer has done the same.</summary>
    public void Close(ushort id)
    {
        if (!_channels.TryGetValue(id, out var channel) || channel.IsClosing)
            return;
        channel.IsClosing = true;
        if (!association.ResetStream(id))
            Forget(channel);
    }

    /// <summary>Takes the next event.</summary>
    public bool TryTakeEvent(out DataChannelEvent next)
    {
        SendAcks();
        while (!_events.TryDequeue(out next))
        {
            if (!association.TryTakeEvent(out var below))
                return false;
            Handle(below);
        }

        return true;
    }

    // RFC 8832, section 6: the DTLS client's are even; 65535 is nobody's.
    private ushort? FreeId()
    {
        for (int id = isDtlsClient ? 0 : 1; id < ushort.MaxValue; id += 2)
        {
            if (!_channels.ContainsKey((ushort)id) && !association.IsResetPending((ushort)id))
                return (ushort)id;
        }

        return null;
    }

    private bool TrySend(ushort id, uint kind, uint emptyKind, ReadOnlySpan<byte> message)
    {
        if (!_channels.TryGetValue(id, out var channel) || channel.IsClosing)
            return false;
        // SCTP has no empty messages: a zero byte stands in (RFC 8831, section 6.6).
        return message.Length == 0 ? association.TrySend(id, emptyKind, [0]) : association.TrySend(id, kind, message);
    }

    private void Handle(in SctpEvent below)
    {
        switch (below.Kind)
        {
            case SctpEventKind.Connected:
                _events.Enqueue(new DataChannelEvent(DataChannelEventKind.Connected));
                break;
            case SctpEventKind.Message:
                HandleMessage(below);
                break;
            case SctpEventKind.StreamReset when _channels.TryGetValue(below.Stream, out var channel):
                OnResetByPeer(channel);
                break;
            case SctpEventKind.StreamResetDone when _channels.TryGetValue(below.Stream, out var channel) && channel.IsClosing:
                channel.IsResetByUs = true;
                ForgetIfDone(channel);
                break;
            case SctpEventKind.Restarted:
                ForgetAll();
                break;
            case SctpEventKind.Closed:
                ForgetAll();
                _events.Enqueue(new DataChannelEvent(DataChannelEventKind.Closed, Reason: below.Reason));
                break;
        }
    }

    private void OnResetByPeer(DataChannel channel)
    {
        channel.IsResetByPeer = true;
        if (!channel.IsClosing)
        {
            _events.Enqueue(new DataChannelEvent(DataChannelEventKind.ChannelClosing, channel.Id));
            Close(channel.Id);
        }

        ForgetIfDone(channel);
    }

    private void HandleMessage(in SctpEvent message)
    {
        if (message.PayloadProtocol == Dcep)
        {
            HandleDcep(message.Stream, message.Payload.Span);
            return;
        }

        if (!_channels.ContainsKey(message.Stream))
            return;
        DataChannelEvent? received = message.PayloadProtocol switch
        {
            String => new DataChannelEvent(DataChannelEventKind.Text, message.Stream, message.Payload),
            Binary => new DataChannelEvent(DataChannelEventKind.Binary, message.Stream, message.Payload),
            EmptyString => new DataChannelEvent(DataChannelEventKind.Text, message.Stream),
            EmptyBinary => new DataChannelEvent(DataChannelEventKind.Binary, message.Stream),
            _ => null,
        };
        if (received is { } known)
            _events.Enqueue(known);
    }

    private void HandleDcep(ushort stream, ReadOnlySpan<byte> message)
    {
        if (message is [DcepOpen.AckType, ..])
        {
            if (_channels.TryGetValue(stream, out var ours) && !ours.IsOpen)
            {
                ours.IsOpen = true;
                _events.Enqueue(new DataChannelEvent(DataChannelEventKind.Opened, stream));
            }

            return;
        }

        // The peer has closed a channel and opens the next on its stream, and its answer to our reset was lost on the way.
        if (_channels.TryGetValue(stream, out var former) && former is { IsClosing: true, IsResetByPeer: true })
            Forget(former);

        // A second OPEN on a stream, one that cannot be read, or one too many: the stream is reset, which closes it at the peer.
        if (DcepOpen.TryRead(message) is not { } open || _channels.Count == MaxChannels || _channels.ContainsKey(stream))
        {
            if (_channels.ContainsKey(stream))
                Close(stream);
            else
                association.ResetStream(stream);
            return;
        }

        _channels[stream] = new DataChannel(stream, open.Label, open.Protocol, isOurs: false) { OwesAck = true };
        _events.Enqueue(new DataChannelEvent(DataChannelEventKind.Opened, stream));
        SendAcks();
    }

    /// <summary>An acknowledgement that found the send buffer full goes out later.</summary>
    private void SendAcks()
    {
        foreach (var channel in _channels.Values)
        {
            if (channel.OwesAck)
                channel.OwesAck = !association.TrySend(channel.Id, Dcep, [DcepOpen.AckType]);
        }
    }

    private void ForgetIfDone(DataChannel channel)
    {
        if (channel.IsResetByPeer && channel.IsResetByUs)
            Forget(channel);
    }

    private void Forget(DataChannel channel)
    {
        if (_channels.Remove(channel.Id))
            _events.Enqueue(new DataChannelEvent(DataChannelEventKind.ChannelClosed, channel.Id));
    }

    private void ForgetAll()
    {
        foreach (var channel in _channels.Values.ToArray())
            Forget(channel);
    }
}

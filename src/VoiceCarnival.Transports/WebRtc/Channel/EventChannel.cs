using System.Globalization;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Transports.WebRtc.Channel;

/// <summary>
/// The data channel <c>oai-events</c> of one call: events in both directions, what waits until it is open, and its end. Bytes and time in; bytes, signals and the
/// next deadline out. Not thread-safe.
/// </summary>
/// <remarks>After each input take signals with <see cref="TryTake"/>, then packets with <see cref="TryTakeTransmit"/>. Signals that are left lying hold the caller back.</remarks>
internal sealed class EventChannel(EventChannelOptions options, ReadOnlySpan<byte> entropy)
{
    /// <summary>The name that OpenAI's clients give it.</summary>
    public const string Label = "oai-events";

    /// <summary>Bytes handed to SCTP at a time; the rest waits here, where it can still be counted.</summary>
    private const int InFlight = 128 * 1024;

    private const int SendBuffer = 2 * 1024 * 1024;
    private const int LargestMessage = 1024 * 1024;
    private static readonly TimeSpan ConnectAfter = TimeSpan.FromSeconds(1);
    private readonly SctpAssociation _association = new(new SctpOptions { RemotePort = options.RemotePort, SendBuffer = SendBuffer }, entropy);
    private readonly Queue<WrittenEvent> _waiting = new();
    private readonly UnprovenEvents _unproven = new();
    private readonly Queue<ChannelSignal> _signals = new();
    private readonly int _largest = (int)Math.Min(options.LargestForCaller == 0 ? LargestMessage : options.LargestForCaller, LargestMessage);
    private DataChannels? _channels;
    private ushort? _channel;
    private bool _isEvents;
    private int _waitingBytes;
    private bool _owesRoom;
    private bool _hasOverflowed;
    private bool _hasConnected;
    private bool _isClosing;
    private bool _hasClosed;
    private bool _isOver;
    private TimeSpan? _connectAt;

    /// <summary>Bytes of events that the caller has not acknowledged.</summary>
    public int Pending => _waitingBytes + _association.BufferedAmount;

    /// <summary>The round trip as SCTP measures it; null before the first.</summary>
    public TimeSpan? RoundTrip => _association.RoundTrip;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline => _connectAt is { } at && !(_association.NextDeadline < at) ? at : _association.NextDeadline;

    /// <summary>The line below is there. Browsers connect by themselves; who does not is connected to after a while.</summary>
    public void Begin(TimeSpan now)
    {
        _channels = new DataChannels(_association, options.IsDtlsClient);
        _connectAt = now + ConnectAfter;
    }

    /// <summary>Queues an event; copies it. One that is longer than the caller takes is replaced by an error that says so.</summary>
    /// <returns>False when more waits than should.</returns>
    public bool Write(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (_isClosing || _isOver)
            return true;
        byte[] message = utf8Json.Length <= _largest ? utf8Json.ToArray() : TooLong(type, utf8Json.Length);
        if (Pending + message.Length > options.HardLimit)
        {
            if (!_hasOverflowed)
                _signals.Enqueue(new ChannelSignal(ChannelSignalKind.Overflow));
            _hasOverflowed = true;
            return false;
        }

        // From now on the caller can come back over another line, and has to be told what this one may have lost.
        _unproven.IsKeeping |= type == ServerEventTypes.ResumeToken;
        _waiting.Enqueue(new WrittenEvent(type, message));
        _waitingBytes += message.Length;
        Flush();
        _owesRoom |= Pending > options.SoftLimit;
        return Pending <= options.SoftLimit;
    }

    /// <summary>Sends on, as far as there is room, while signals are left lying.</summary>
    /// <returns>False when the caller has broken it off meanwhile.</returns>
    public bool GoOn()
    {
        Flush();
        return !_hasConnected || _association.State != SctpState.Closed;
    }

    /// <summary>Takes what the caller is not known to have got, in order; nothing of it goes out any more, unless it has already.</summary>
    public IReadOnlyList<WrittenEvent> TakeUndelivered()
    {
        Trim();
        List<WrittenEvent> events = [.. _unproven.TakeAll(), .. _waiting];
        _waiting.Clear();
        _waitingBytes = 0;
        return events;
    }

    /// <summary>Closes the channel once what waits has been sent; <see cref="ChannelSignalKind.Closed"/> follows when the caller has done the same.</summary>
    public void Close()
    {
        if (_isClosing || _isOver)
            return;
        _isClosing = true;
        Flush();
    }

    /// <summary>Ends at once and tells the caller, who takes it for a line that broke unless the channel was closed before.</summary>
    public void Abort()
    {
        _isOver = true;
        _waiting.Clear();
        _waitingBytes = 0;
        _association.Abort();
    }

    /// <summary>Packets take another way from now on: what was measured of the one before means nothing, and what waits is tried at once.</summary>
    public void OnPathChanged(TimeSpan now) => _association.OnPathChanged(now);

    /// <summary>Receives a packet.</summary>
    public void Receive(ReadOnlySpan<byte> packet, TimeSpan now) => _association.Receive(packet, now);

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        _association.AdvanceTo(now);
        if (!(now >= _connectAt))
            return;
        _connectAt = null;
        _association.Connect(now); // does nothing unless nobody has begun
    }

    /// <summary>Takes the next signal.</summary>
    public bool TryTake(out ChannelSignal signal)
    {
        while (!_signals.TryDequeue(out signal))
        {
            if (_channels is null || !_channels.TryTakeEvent(out var below))
            {
                Flush();
                return _signals.TryDequeue(out signal);
            }

            Handle(below);
        }

        return true;
    }

    /// <summary>Writes the next packet to be sent.</summary>
    /// <param name="now">The caller's clock.</param>
    /// <param name="buffer">At least 1140 bytes.</param>
    /// <param name="length">Bytes of the packet.</param>
    public bool TryTakeTransmit(TimeSpan now, Span<byte> buffer, out int length) => _association.TryTakeTransmit(now, buffer, out length);

    private void Handle(in DataChannelEvent below)
    {
        switch (below.Kind)
        {
            case DataChannelEventKind.Connected:
                _connectAt = null;
                _hasConnected = true;
                break;
            case DataChannelEventKind.Opened:
                OnOpened(below.Channel);
                break;
            // Some clients send JSON as an ArrayBuffer.
            case DataChannelEventKind.Text or DataChannelEventKind.Binary when below.Channel == _channel:
                _signals.Enqueue(new ChannelSignal(ChannelSignalKind.Message, below.Payload));
                break;
            // A caller that has hung up may be gone before it has heard that we have closed our side, too.
            case DataChannelEventKind.ChannelClosing when below.Channel == _channel && !_isClosing:
                _hasClosed = true;
                _signals.Enqueue(new ChannelSignal(ChannelSignalKind.ClosedByCaller));
                break;
            case DataChannelEventKind.ChannelClosed when below.Channel == _channel:
                _channel = null;
                // All channels go with the association: that is a line that broke.
                if (_hasClosed || !_isClosing)
                    break;
                _hasClosed = true;
                _signals.Enqueue(new ChannelSignal(ChannelSignalKind.Closed));
                break;
            case DataChannelEventKind.Closed:
                _isOver = true;
                _connectAt = null;
                if (!_hasClosed)
                    _signals.Enqueue(new ChannelSignal(ChannelSignalKind.Lost, Reason: below.Reason));
                break;
        }
    }

    /// <summary>The channel called oai-events is ours, or else the first: some clients give it no name. Others have nothing to say.</summary>
    private void OnOpened(ushort id)
    {
        if (!_channels!.TryGet(id, out var opened) || _isClosing)
            return;
        bool isEvents = opened.Label == Label;
        if (_hasClosed || (_channel is not null && (_isEvents || !isEvents)))
        {
            _channels.Close(id);
            return;
        }

        _channel = id;
        _isEvents = isEvents;
        _signals.Enqueue(new ChannelSignal(ChannelSignalKind.Opened, Protocol: opened.Protocol));
        Flush();
    }

    /// <summary>Hands to SCTP what it can take.</summary>
    private void Flush()
    {
        if (_channel is { } channel)
        {
            Trim();
            while (_waiting.TryPeek(out var next) && _association.BufferedAmount < InFlight && _channels!.TrySendText(channel, next.Utf8Json.Span))
            {
                _waiting.Dequeue();
                _waitingBytes -= next.Utf8Json.Length;
                _unproven.Add(next);
            }

            if (_isClosing && _waiting.Count == 0)
                _channels!.Close(channel);
        }

        if (!_owesRoom || Pending > options.SoftLimit / 2)
            return;
        _owesRoom = false;
        _signals.Enqueue(new ChannelSignal(ChannelSignalKind.Room));
    }

    // An association that has ended counts nothing any more, but that is no acknowledgement.
    private void Trim()
    {
        if (_association.State == SctpState.Established)
            _unproven.Acknowledged(_association.BufferedAmount);
    }

    private byte[] TooLong(string type, int length) => ErrorEvent.Of(RealtimeError.Invalid("event_too_large", string.Create(CultureInfo.InvariantCulture,
        $"The event '{type}' has {length} bytes and cannot be sent: your data channel takes messages of {_largest} (a=max-message-size). Use a sideband at /v1/realtime?call_id=… for events like this.")));
}

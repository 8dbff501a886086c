using System.Diagnostics.CodeAnalysis;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>What the parts of an association share (the TCB of RFC 9260, section 14): its state, its numbers, both halves of the data transfer, how it ends.</summary>
internal sealed class TransmissionControlBlock(SctpOptions options, SctpSecrets secrets)
{
    private const ushort ProtocolViolation = 13;
    private readonly Queue<SctpEvent> _events = new();

    public SctpOptions Options { get; } = options;

    public SctpSecrets Secrets { get; } = secrets;

    public ControlQueue Controls { get; } = new();

    /// <summary>T1 or T2.</summary>
    public RetryTimer Timer { get; } = new();

    public SctpState State { get; set; }

    public uint LocalTag { get; set; }

    public uint LocalTsn { get; set; }

    public uint PeerTag { get; set; }

    /// <summary>The peer can reset streams (RFC 6525).</summary>
    public bool PeerResetsStreams { get; private set; }

    public RoundTripEstimate RoundTrip { get; private set; } = new(options);

    /// <summary>The sending half; there once the peer's numbers are known.</summary>
    public OutboundData? Outbound { get; private set; }

    /// <summary>The receiving half.</summary>
    public InboundData? Inbound { get; private set; }

    public StreamResets? Resets { get; private set; }

    /// <summary>Data, or acknowledgements of data, may go out.</summary>
    [MemberNotNullWhen(true, nameof(Outbound), nameof(Inbound), nameof(Resets))]
    public bool IsUnderWay => State >= SctpState.Established;

    /// <summary>Takes the next event. Messages fill the window until they are taken, so those of the present association are kept with its receiving half.</summary>
    public bool TryTakeEvent(out SctpEvent next) => _events.TryDequeue(out next) || (Inbound is not null && Inbound.TryTake(out next));

    public void Tell(in SctpEvent news) => _events.Enqueue(news);

    /// <summary>The peer's numbers are known.</summary>
    public void Begin(uint peerTag, uint peerTsn, uint peerWindow, bool peerResetsStreams)
    {
        PeerTag = peerTag;
        PeerResetsStreams = peerResetsStreams;
        Outbound = new OutboundData(Options, LocalTsn, peerWindow, RoundTrip);
        Inbound = new InboundData(Options, peerTsn);
        Resets = new StreamResets(LocalTsn, peerTsn);
    }

    /// <summary>The peer's numbers are no longer good.</summary>
    public void Forget()
    {
        PeerTag = 0;
        Outbound = null;
        Inbound = null;
        Resets = null;
    }

    /// <summary>As at the start, but for what the application has still to be told.</summary>
    public void Clear()
    {
        Forget();
        Controls.Clear();
        Timer.Stop();
        RoundTrip = new RoundTripEstimate(Options);
        LocalTag = 0;
    }

    /// <summary>Lines up a chunk for the peer. One that is too long for a packet is not sent: it would be what the peer sent, coming back.</summary>
    public void Send(SctpChunkType type, ReadOnlySpan<byte> body)
    {
        if (body.Length <= Options.PacketSize - SctpPacket.HeaderLength - SctpPacket.ChunkHead)
            Controls.Add(type, 0, body.ToArray(), PeerTag, isAlone: false);
    }

    /// <summary>Whole messages that came before the end are still to be taken.</summary>
    public void KeepMessages()
    {
        while (Inbound is not null && Inbound.TryTake(out var message))
            _events.Enqueue(message);
    }

    public void Close(SctpCloseReason reason)
    {
        KeepMessages();
        Clear();
        State = SctpState.Closed;
        _events.Enqueue(new SctpEvent(SctpEventKind.Closed, Reason: reason));
    }

    /// <summary>Closes, and tells the peer the cause (section 3.3.10).</summary>
    public void Abort(ushort cause, SctpCloseReason reason)
    {
        if (State == SctpState.Closed)
            return;
        var body = new byte[SctpParameter.HeaderLength];
        SctpParameter.WriteHeader(body, cause, 0);
        uint tag = PeerTag;
        Close(reason);
        if (tag != 0)
            Controls.Add(SctpChunkType.Abort, 0, body, tag, isAlone: true);
    }

    /// <summary>The peer has broken the rules.</summary>
    /// <returns>False, for the rest of the packet is not to be read.</returns>
    public bool Violate()
    {
        Abort(ProtocolViolation, SctpCloseReason.ProtocolViolation);
        return false;
    }

    public void GiveUpAfter(int timeouts)
    {
        if (timeouts > Options.MaxRetransmissions)
            Abort(ProtocolViolation, SctpCloseReason.Timeout);
    }
}

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Gives each chunk of a packet to the part that it is for, if the packet belongs to the association.</summary>
internal sealed class ChunkDispatch(TransmissionControlBlock block, Handshake handshake, ShutdownSequence shutdown, Heartbeats heartbeats)
{
    private const byte TagReflected = 1;

    /// <summary>Reads a packet.</summary>
    public void Receive(in SctpPacket packet, TimeSpan now)
    {
        bool hasData = false;
        bool first = true;
        foreach (var chunk in packet)
        {
            if (!IsTagRight(packet.VerificationTag, chunk))
                return;
            // INIT stands alone (section 3); what would follow it was not meant.
            if (chunk.Type == SctpChunkType.Init)
            {
                if (first)
                    handshake.OnInit(chunk.Body, now);
                return;
            }

            hasData |= chunk.Type == SctpChunkType.Data;
            if (!Receive(packet.VerificationTag, chunk, now))
                return;
            first = false;
        }

        // Data that came before our cookie was acknowledged was dropped: there is nothing to be owed for it.
        if (hasData && block.IsUnderWay)
            block.Inbound.OnPacket(now);
        heartbeats.OnHeard(now);
        shutdown.Continue(now);
    }

    /// <summary>Section 8.5: only packets of this association count; a few chunks come without one.</summary>
    private bool IsTagRight(uint tag, in SctpPacket.Chunk chunk) => chunk.Type switch
    {
        SctpChunkType.Init => tag == 0,
        SctpChunkType.CookieEcho => true, // compared with the cookie's own
        SctpChunkType.ShutdownAck when block.State == SctpState.Closed => true, // our last word was lost: it is repeated
        SctpChunkType.Abort or SctpChunkType.ShutdownComplete =>
            block.State != SctpState.Closed && tag == ((chunk.Flags & TagReflected) != 0 ? block.PeerTag : block.LocalTag) && tag != 0,
        _ => block.State != SctpState.Closed && tag == block.LocalTag,
    };

    /// <returns>Whether the rest of the packet is to be read.</returns>
    private bool Receive(uint tag, in SctpPacket.Chunk chunk, TimeSpan now)
    {
        switch (chunk.Type)
        {
            case SctpChunkType.Data:
                return OnData(chunk);
            case SctpChunkType.InitAck:
                return handshake.OnInitAck(chunk.Body, now);
            case SctpChunkType.Sack:
                return block.Outbound is null || block.Outbound.OnSack(chunk.Body, now) || block.Violate();
            case SctpChunkType.Heartbeat:
                block.Send(SctpChunkType.HeartbeatAck, chunk.Body);
                return true;
            case SctpChunkType.HeartbeatAck:
                heartbeats.OnAck(chunk.Body, now);
                return true;
            case SctpChunkType.Abort:
                block.Close(SctpCloseReason.AbortedByPeer);
                return false;
            case SctpChunkType.Shutdown:
                return shutdown.OnShutdown(chunk.Body, now);
            case SctpChunkType.ShutdownAck:
                return shutdown.OnShutdownAck(tag);
            case SctpChunkType.ShutdownComplete:
                shutdown.OnShutdownComplete();
                return false;
            case SctpChunkType.Error:
                handshake.OnError(chunk.Body, now);
                return true;
            case SctpChunkType.CookieEcho:
                return handshake.OnCookieEcho(tag, chunk.Body, now);
            case SctpChunkType.CookieAck:
                handshake.OnCookieAck(now);
                return true;
            case SctpChunkType.ReConfig:
                OnReConfig(chunk.Body);
                return true;
            default:
                // Section 3.2: the highest bit set means skip it, clear means that the rest of the packet is not to be read.
                return ((byte)chunk.Type & 0x80) != 0;
        }
    }

    private bool OnData(in SctpPacket.Chunk chunk)
    {
        if (block.State is not (SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent))
            return true;
        return block.Inbound!.Receive(chunk.Flags, chunk.Body) || block.Violate();
    }

    private void OnReConfig(ReadOnlySpan<byte> body)
    {
        if (block.State is not (SctpState.Established or SctpState.ShutdownPending))
            return;
        List<ushort> byPeer = [], byUs = [];
        Span<byte> answer = stackalloc byte[24];
        block.Resets!.Receive(body, block.Inbound!.Cumulative, ref answer, byPeer, byUs);
        if (answer.Length > 0)
            block.Send(SctpChunkType.ReConfig, answer);
        foreach (ushort stream in byUs)
        {
            block.Outbound!.ResetStream(stream);
            block.Inbound.Add(new SctpEvent(SctpEventKind.StreamResetDone, stream));
        }

        foreach (ushort stream in byPeer)
        {
            block.Inbound.ResetStream(stream);
            block.Inbound.Add(new SctpEvent(SctpEventKind.StreamReset, stream));
        }
    }
}

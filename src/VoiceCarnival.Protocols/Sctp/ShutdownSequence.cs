using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>How an association ends in order: all that is queued arrives first (RFC 9260, section 9.2).</summary>
/// <remarks>
/// <code>
/// SHUTDOWN ──►
///          ◄── SHUTDOWN ACK
/// SHUTDOWN COMPLETE ──►
/// </code>
/// </remarks>
internal sealed class ShutdownSequence(TransmissionControlBlock block)
{
    private const byte TagReflected = 1;

    /// <summary>Begins it from our side.</summary>
    public void Begin(TimeSpan now)
    {
        block.State = SctpState.ShutdownPending;
        Continue(now);
    }

    /// <summary>The next step, once everything has been acknowledged.</summary>
    public void Continue(TimeSpan now)
    {
        if (block.State is not (SctpState.ShutdownPending or SctpState.ShutdownReceived) || !block.Outbound!.IsEmpty)
            return;
        block.State = block.State == SctpState.ShutdownPending ? SctpState.ShutdownSent : SctpState.ShutdownAckSent;
        Send();
        block.Timer.Start(now, block.RoundTrip.Timeout(0));
    }

    public bool OnShutdown(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (body.Length < 4 || !block.IsUnderWay)
            return true;
        if (block.State == SctpState.ShutdownSent)
        {
            // Both at once.
            block.State = SctpState.ShutdownAckSent;
            Send();
            block.Timer.Start(now, block.RoundTrip.Timeout(0));
            return true;
        }

        if (!block.Outbound.OnCumulative(BinaryPrimitives.ReadUInt32BigEndian(body), now))
            return block.Violate();
        if (block.State is SctpState.Established or SctpState.ShutdownPending)
            block.State = SctpState.ShutdownReceived;
        return true;
    }

    public bool OnShutdownAck(uint tag)
    {
        // Our last word was lost: it is repeated.
        if (block.State == SctpState.Closed)
            block.Controls.Add(SctpChunkType.ShutdownComplete, TagReflected, [], tag, isAlone: true);
        if (block.State is SctpState.ShutdownSent or SctpState.ShutdownAckSent)
        {
            uint peer = block.PeerTag;
            block.Close(SctpCloseReason.Shutdown);
            block.Controls.Add(SctpChunkType.ShutdownComplete, 0, [], peer, isAlone: true);
        }

        return false;
    }

    public void OnShutdownComplete()
    {
        if (block.State == SctpState.ShutdownAckSent)
            block.Close(SctpCloseReason.Shutdown);
    }

    /// <summary>T2 has run out.</summary>
    public void OnTimer(TimeSpan now)
    {
        Send();
        block.Timer.Again(now, block.RoundTrip.Timeout);
    }

    private void Send()
    {
        if (block.State == SctpState.ShutdownAckSent)
        {
            block.Send(SctpChunkType.ShutdownAck, []);
            return;
        }

        Span<byte> cumulative = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(cumulative, block.Inbound!.Cumulative);
        block.Send(SctpChunkType.Shutdown, cumulative);
    }
}

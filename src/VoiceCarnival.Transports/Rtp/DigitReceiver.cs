using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// Keys out of RTP (RFC 4733): each is reported once, at the first packet of it that comes, however often it is repeated and whichever of its packets are lost.
/// </summary>
internal sealed class DigitReceiver
{
    // Two packets of an event are up to 50 ms apart, at any clock.
    private const int LongestStep = 2400;
    // Seconds at least, at any clock: what is further back is no straggler, the timestamps have jumped.
    private const int LongestDelay = 240_000;
    private bool _any;
    private uint _timestamp;
    private TelephoneEvent _event;

    /// <summary>The key that the last packet belonged to, new or still held; null for a straggler, and for what is no key.</summary>
    public char? Held { get; private set; }

    /// <summary>Another source begins, with timestamps of its own.</summary>
    public void Reset() => _any = false;

    /// <summary>Takes a packet; the key when it is a new one.</summary>
    public char? Receive(uint timestamp, ReadOnlySpan<byte> payload)
    {
        Held = null;
        if (!TelephoneEvent.TryRead(payload, out var received))
            return null;
        int step = (int)(timestamp - _timestamp);
        bool isNew = !_any || step > 0 || step < -LongestDelay;
        if (!isNew)
        {
            // All packets of an event have its start for a timestamp (section 2.1); one from before is a straggler.
            if (step == 0)
                (_event, Held) = (received with { IsEnd = _event.IsEnd || received.IsEnd }, received.Digit);
            return null;
        }

        // An event longer than its 16 bits goes on in a new segment that begins where the last one ended (section 2.5.1.3).
        bool goesOn = _any && received.Code == _event.Code && !_event.IsEnd && Math.Abs(step - ushort.MaxValue) < LongestStep;
        (_any, _timestamp, _event, Held) = (true, timestamp, received, received.Digit);
        return goesOn ? null : received.Digit;
    }
}

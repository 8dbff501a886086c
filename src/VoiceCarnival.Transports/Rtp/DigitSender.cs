using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>Presses keys (RFC 4733): a packet every 20 ms while the key is down, its end three times, then a pause. Not thread-safe.</summary>
/// <param name="payloadType">Of the peer's <c>telephone-event</c>.</param>
/// <param name="clockRate">Its clock, that of the audio.</param>
internal sealed class DigitSender(PayloadType payloadType, int clockRate)
{
    private const int PressedFrames = 6;
    private const int EndFrames = 3;
    private const int PauseFrames = 4;
    private const int Most = 64;
    private const byte Volume = 10; // dBm0, negative
    private readonly Queue<byte> _codes = new();
    private uint _start;
    private int _frame;

    /// <summary>A key is down, or one waits.</summary>
    public bool IsBusy => _codes.Count > 0;

    /// <summary>Adds keys behind those that wait.</summary>
    public bool TryAdd(string digits)
    {
        if (digits.Length > Most - _codes.Count || digits.Any(digit => TelephoneEvent.CodeOf(digit) is null))
            return false;
        foreach (char digit in digits)
            _codes.Enqueue(TelephoneEvent.CodeOf(digit)!.Value);
        return true;
    }

    /// <summary>Makes the packet of the next frame; 0 bytes in the pause after a key.</summary>
    public int Next(OutboundStream stream, Span<byte> packet, out RtpHeader header)
    {
        header = default;
        int frame = _frame++;
        if (frame == 0)
            _start = stream.Timestamp;
        if (frame >= PressedFrames + EndFrames)
        {
            if (frame >= PressedFrames + EndFrames + PauseFrames)
            {
                _codes.Dequeue();
                _frame = 0;
            }

            return 0;
        }

        bool isEnd = frame >= PressedFrames;
        var duration = (ushort)(Math.Min(frame + 1, PressedFrames) * clockRate / 50);
        return stream.WriteEvent(payloadType, frame == 0, _start, new TelephoneEvent(_codes.Peek(), isEnd, Volume, duration), packet, out header);
    }
}

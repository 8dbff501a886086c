namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>
/// Puts the packets of a voice stream in order for a listener that is a machine: what is in order passes at once, and only where a number is missing is anything held,
/// for as long as this line has been seen to delay packets. Then the missing one is given up for lost. Knows nothing of codecs; packets may have any length.
/// Allocates nothing once it has seen the longest payload. Not thread-safe.
/// </summary>
/// <remarks>
/// A buffer that plays to a human ear has to delay every packet by the worst that it expects. Here nobody listens in real time: the audio goes to speech recognition,
/// which only needs it in order and whole, and the sooner the better.
/// </remarks>
public sealed class ReorderBuffer
{
    private const int Capacity = 64;
    // Half for what waits, half for how far the next may be ahead of it.
    private const int LongestStep = Capacity / 2;
    private const double NewSourceSeconds = 2;
    private readonly Slot[] _slots = new Slot[Capacity];
    private readonly DelayEstimate _estimate = new();
    private readonly ReorderOptions _options;
    private bool _started;
    private long _next;
    private long _highest;
    private uint _highestTimestamp;
    private int _held;
    private int _expectedAfterJump = -1;
    private uint _lastTimestamp;
    private double _mediaTime;
    private double _lastTransit;
    private double _frame = 0.020;
    private bool _measured;
    private int _sinceEstimate;

    /// <summary>An empty buffer.</summary>
    public ReorderBuffer(ReorderOptions options)
    {
        _options = options;
        for (int i = 0; i < Capacity; i++)
            _slots[i] = new Slot();
        Wait = options.MinWait;
    }

    /// <summary>How much later than the fastest a packet may come: the spread of the last packets' delays, within the options.</summary>
    public TimeSpan Wait { get; private set; }

    /// <summary>Packets that came after they had been given up.</summary>
    public long Late { get; private set; }

    /// <summary>Packets that came twice.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Takes a packet; copies it.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="payloadType">What it carries; handed back with it.</param>
    /// <param name="isMedia">Its timestamp tells when it was sent; that of a key press does not.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="now">The caller's clock.</param>
    public void Add(ushort sequence, uint timestamp, byte payloadType, bool isMedia, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        if (!_started)
        {
            Start(sequence);
        }
        else
        {
            int step = (short)(sequence - (ushort)_highest);
            if (step is >= LongestStep or <= -LongestStep)
            {
                // One stray packet is dropped; two that follow one another are a sender that has begun anew.
                bool confirmed = _expectedAfterJump == sequence;
                _expectedAfterJump = (ushort)(sequence + 1);
                if (!confirmed)
                    return;
                Start(sequence);
            }
        }

        _expectedAfterJump = -1;
        long number = _highest + (short)(sequence - (ushort)_highest);
        if (isMedia)
            Measure(timestamp, number, now);
        if (number < _next)
        {
            Late++;
            return;
        }

        var slot = _slots[number & (Capacity - 1)];
        if (slot.Number == number)
        {
            Duplicates++;
            return;
        }

        // Only when nobody takes what is in order: the oldest make way.
        for (; number - _next >= Capacity; _next++)
            Free(_slots[_next & (Capacity - 1)]);
        if (slot.Bytes.Length < payload.Length)
            slot.Bytes = new byte[payload.Length];
        payload.CopyTo(slot.Bytes);
        (slot.Number, slot.Timestamp, slot.Length, slot.PayloadType, slot.IsMedia) = (number, timestamp, payload.Length, payloadType, isMedia);
        slot.MediaTime = _mediaTime + (double)(int)(timestamp - _lastTimestamp) / _options.ClockRate;
        if (number > _highest)
            (_highest, _highestTimestamp) = (number, timestamp);
        _held++;
    }

    /// <summary>Takes the next packet in order, or the news that it is lost. To be called until it says no, after each packet and at each tick.</summary>
    public bool TryTake(TimeSpan now, out OrderedPacket packet)
    {
        packet = default;
        if (_held == 0)
            return false;
        var slot = _slots[_next & (Capacity - 1)];
        if (slot.Number == _next)
        {
            _next++;
            _held--;
            slot.Number = -1;
            packet = new OrderedPacket(false, slot.PayloadType, slot.Timestamp, slot.Bytes.AsMemory(0, slot.Length));
            return true;
        }

        if (!IsOverdue(now))
            return false;
        _next++;
        var after = _slots[_next & (Capacity - 1)];
        packet = after.Number == _next && after.IsMedia
            ? new OrderedPacket(true, after.PayloadType, after.Timestamp, after.Bytes.AsMemory(0, after.Length))
            : new OrderedPacket(true, 0, 0, default);
        return true;
    }

    /// <summary>Forgets everything but the counts: for a new source.</summary>
    public void Reset()
    {
        _started = _measured = false;
        _held = 0;
        foreach (var slot in _slots)
            slot.Number = -1;
        _estimate.Reset();
        _mediaTime = 0;
        Wait = _options.MinWait;
    }

    private void Start(ushort sequence)
    {
        foreach (var slot in _slots)
            slot.Number = -1;
        _started = true;
        _held = 0;
        // Room below: numbers are compared, never negative.
        _next = _highest = (1L << 32) + sequence;
    }

    private void Free(Slot slot)
    {
        if (slot.Number != _next)
            return;
        slot.Number = -1;
        _held--;
    }

    private bool IsOverdue(TimeSpan now)
    {
        // No room to wait any longer.
        if (_highest - _next >= LongestStep)
            return true;
        for (long number = _next + 1; number <= _highest; number++)
        {
            var slot = _slots[number & (Capacity - 1)];
            if (slot.Number != number || !slot.IsMedia)
                continue;
            double sent = slot.MediaTime - (number - _next) * _frame;
            return now.TotalSeconds >= _estimate.Fastest + sent + Wait.TotalSeconds;
        }

        return true; // only key presses are held: nothing to tell the time by
    }

    private void Measure(uint timestamp, long number, TimeSpan now)
    {
        // Timestamps begin again after 2^32; their differences do not.
        double step = _measured ? (double)(int)(timestamp - _lastTimestamp) / _options.ClockRate : 0;
        double frame = (double)(int)(timestamp - _highestTimestamp) / _options.ClockRate;
        if (number == _highest + 1 && frame is > 0 and <= 0.120)
            _frame = frame;
        double transit = now.TotalSeconds - (_mediaTime + step);
        if (_measured && Math.Abs(transit - _lastTransit) > NewSourceSeconds)
        {
            // The timestamps have jumped: another clock.
            _estimate.Reset();
        }

        _mediaTime += step;
        (_measured, _lastTimestamp, _lastTransit) = (true, timestamp, transit);
        _estimate.Add(transit);
        if (++_sinceEstimate < 10 && Wait > _options.MinWait)
            return;
        _sinceEstimate = 0;
        var spread = TimeSpan.FromSeconds(_estimate.Spread());
        Wait = spread < _options.MinWait ? _options.MinWait : spread > _options.MaxWait ? _options.MaxWait : spread;
    }

    private sealed class Slot
    {
        public long Number { get; set; } = -1;

        public uint Timestamp { get; set; }

        public double MediaTime { get; set; }

        public byte PayloadType { get; set; }

        public bool IsMedia { get; set; }

        public byte[] Bytes { get; set; } = [];

        public int Length { get; set; }
    }
}

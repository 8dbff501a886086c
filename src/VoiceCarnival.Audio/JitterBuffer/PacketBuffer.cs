namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>
/// Puts the packets of a voice stream in order and evens out their arrival: packets and time in, one frame per tick out, to be decoded, concealed or left silent.
/// The depth follows the line. Knows nothing of codecs and holds one packet to be one frame. Allocates nothing once it has seen the longest payload. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// Sequence numbers say what is lost, timestamps what was never sent: a step in the timestamps without one in the numbers is a pause. The depth grows when a frame
/// is due and nothing is there, and shrinks by leaving out a frame, at once when far too deep, else where the caller says that it would not be heard.
/// </remarks>
public sealed class PacketBuffer
{
    private const int Capacity = 64;
    private readonly Slot[] _slots = new Slot[Capacity];
    private readonly DelayEstimate _estimate = new();
    private readonly JitterBufferOptions _options;
    private readonly long _frameUnits;
    private bool _hasFirst;
    private bool _playing;
    private long _next;
    private long _highest;
    private int _buffered;
    private TimeSpan _firstArrival;
    private uint _measuredTimestamp;
    private double _mediaTime;
    private bool _measured;
    private uint _playedTimestamp;
    private int _pausedFrames;
    private int _concealed;
    private int _jumpExpected = -1;
    private int _sinceEstimate;

    /// <summary>An empty buffer.</summary>
    public PacketBuffer(JitterBufferOptions options)
    {
        _options = options;
        _frameUnits = (long)(options.ClockRate * options.Frame.TotalSeconds);
        for (int i = 0; i < Capacity; i++)
            _slots[i] = new Slot();
        TargetDelay = options.MinDelay;
    }

    /// <summary>What the depth is aimed at.</summary>
    public TimeSpan TargetDelay { get; private set; }

    /// <summary>What is buffered now.</summary>
    public TimeSpan Depth => _buffered * _options.Frame;

    /// <summary>Packets that came after their turn.</summary>
    public long Late { get; private set; }

    /// <summary>Packets that came twice.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Frames concealed.</summary>
    public long Concealed { get; private set; }

    /// <summary>Frames left out to become faster.</summary>
    public long Skipped { get; private set; }

    /// <summary>Takes a packet; copies it.</summary>
    public void Add(ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        if (!_hasFirst)
        {
            Start(sequence, timestamp, now);
        }
        else
        {
            int step = (short)(sequence - (ushort)_highest);
            if (step is >= Capacity or <= -Capacity)
            {
                // One stray packet is dropped; two that follow one another are a sender that has begun anew.
                bool confirmed = _jumpExpected == sequence;
                _jumpExpected = (ushort)(sequence + 1);
                if (!confirmed)
                    return;
                Reset();
                Start(sequence, timestamp, now);
            }
        }

        _jumpExpected = -1;
        long number = _highest + (short)(sequence - (ushort)_highest);
        Measure(timestamp, now);
        // Until playing has begun, a packet from before the first is welcome.
        if (!_playing && number < _next && _highest - number < Capacity)
            _next = number;
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

        // So far ahead that it needs the place of one not played yet: the oldest have to go.
        while (number - _next >= Capacity)
            Drop();
        if (slot.Bytes.Length < payload.Length)
            slot.Bytes = new byte[payload.Length];
        payload.CopyTo(slot.Bytes);
        (slot.Number, slot.Timestamp, slot.Length) = (number, timestamp, payload.Length);
        _highest = Math.Max(_highest, number);
        _buffered++;
    }

    /// <summary>Takes the frame of this tick.</summary>
    /// <param name="now">The caller's clock; ticks are a frame apart.</param>
    /// <param name="isQuiet">The frame before was quiet, so that leaving one out now would hardly be heard.</param>
    public Playout Take(TimeSpan now, bool isQuiet)
    {
        if (!_playing)
        {
            if (!_hasFirst || now - _firstArrival < TargetDelay)
                return new Playout(PlayoutKind.Silence);
            _playing = true;
        }

        SkipWhereTooDeep(isQuiet);
        var slot = _slots[_next & (Capacity - 1)];
        if (slot.Number == _next)
            return IsPause(slot) ? Pause() : Play(slot);
        if (_buffered > 0)
        {
            // Later ones are there, and its turn has come: it is lost.
            _next++;
            var after = _slots[_next & (Capacity - 1)];
            return Conceal(after.Number == _next ? after.Bytes.AsMemory(0, after.Length) : default);
        }

        // Nothing at all: lost, late, or the sender has stopped. Its number is still waited for.
        if (_concealed < _options.MaxConceal)
            return Conceal(default);
        // What comes after a long silence is a new beginning, with a delay of its own.
        _hasFirst = false;
        _playing = false;
        return new Playout(PlayoutKind.Silence);
    }

    /// <summary>Forgets everything but the counts: for a new source.</summary>
    public void Reset()
    {
        foreach (var slot in _slots)
            slot.Number = -1;
        _estimate.Reset();
        _hasFirst = _playing = _measured = false;
        _mediaTime = 0;
        _buffered = _concealed = _pausedFrames = 0;
        TargetDelay = _options.MinDelay;
    }

    private void Start(ushort sequence, uint timestamp, TimeSpan now)
    {
        foreach (var slot in _slots)
            slot.Number = -1;
        _hasFirst = true;
        _buffered = _concealed = _pausedFrames = 0;
        // Room below, for packets of before the first.
        _next = _highest = (1L << 32) + sequence;
        _firstArrival = now;
        _playedTimestamp = (uint)(timestamp - _frameUnits);
    }

    private void Measure(uint timestamp, TimeSpan now)
    {
        // Timestamps begin again after 2^32; their differences do not.
        if (_measured)
            _mediaTime += (double)(int)(timestamp - _measuredTimestamp) / _options.ClockRate;
        (_measured, _measuredTimestamp) = (true, timestamp);
        _estimate.Add(now.TotalSeconds - _mediaTime);
        if (++_sinceEstimate < 10 && TargetDelay > _options.MinDelay)
            return;
        _sinceEstimate = 0;
        var spread = TimeSpan.FromSeconds(_estimate.Spread());
        TargetDelay = spread < _options.MinDelay ? _options.MinDelay : spread > _options.MaxDelay ? _options.MaxDelay : spread;
    }

    private bool IsPause(Slot slot)
    {
        long gap = (int)(slot.Timestamp - _playedTimestamp) - (_pausedFrames + 1) * _frameUnits;
        // A pause of more than ten seconds is a jump of the timestamps.
        return gap >= _frameUnits / 2 && gap < 10L * _options.ClockRate && _concealed == 0;
    }

    private Playout Pause()
    {
        _pausedFrames++;
        return new Playout(PlayoutKind.Silence);
    }

    private Playout Play(Slot slot)
    {
        slot.Number = -1;
        _buffered--;
        _next++;
        _concealed = _pausedFrames = 0;
        _playedTimestamp = slot.Timestamp;
        return new Playout(PlayoutKind.Packet, slot.Bytes.AsMemory(0, slot.Length), slot.Timestamp);
    }

    private Playout Conceal(ReadOnlyMemory<byte> after)
    {
        Concealed++;
        _concealed++;
        return _concealed > _options.MaxConceal ? new Playout(PlayoutKind.Silence) : new Playout(PlayoutKind.Conceal, after);
    }

    /// <summary>A frame more than aimed at is kept for what the next moment may bring; from there on it is only delay.</summary>
    private void SkipWhereTooDeep(bool isQuiet)
    {
        // After a concealed frame the next is needed, to recover from and to lead back into the voice.
        if (_concealed > 0)
            return;
        var excess = Depth - TargetDelay - _options.Frame;
        if (excess >= (isQuiet ? _options.Frame : 4 * _options.Frame))
        {
            Skipped++;
            Drop();
        }
    }

    private void Drop()
    {
        var slot = _slots[_next & (Capacity - 1)];
        if (slot.Number == _next)
        {
            _playedTimestamp = slot.Timestamp;
            slot.Number = -1;
            _buffered--;
        }

        _next++;
    }

    private sealed class Slot
    {
        public long Number { get; set; } = -1;

        public uint Timestamp { get; set; }

        public int Length { get; set; }

        public byte[] Bytes { get; set; } = [];
    }
}

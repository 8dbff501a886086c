using System.Buffers;

namespace VoiceCarnival.WebSockets;

/// <summary>
/// Frames on their way out, in two pooled buffers: one is written while the other fills, so frames that come during a write leave together in
/// one. Holds no memory while idle. Not thread-safe.
/// </summary>
internal sealed class OutgoingFrames(WebSocketRole role) : IDisposable
{
    private const int Smallest = 2048;
    private const int LargestPiece = 64 * 1024;
    private byte[] _filling = [];
    private byte[] _writing = [];
    private int _filled;
    private int _length; // of what is in the buffer that is written
    private int _written;
    private int _inFlight;

    /// <summary>Bytes ever added.</summary>
    public long Added { get; private set; }

    /// <summary>Bytes added and not yet written.</summary>
    public int Pending => _filled + _length - _written;

    public void Add<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        int length = payload.Length;
        uint? key = role == WebSocketRole.Client ? FrameMask.NewKey() : null;
        Reserve(FrameHeader.LengthFor(length, key is not null) + length);
        int header = FrameHeader.Write(_filling.AsSpan(_filled), opcode, length, key);
        var bytes = _filling.AsSpan(_filled + header, length);
        payload.Write(bytes);
        if (key is { } mask)
            FrameMask.Apply(mask, bytes, bytes);
        // Only now: a payload that throws must not leave half a frame.
        _filled += header + length;
        Added += header + length;
    }

    /// <summary>
    /// Takes the next piece to be written; <see cref="Written"/> follows. What was added meanwhile leaves together, but never so much at once that a peer which reads slowly
    /// looks like one that does not read.
    /// </summary>
    public bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (_written == _length)
        {
            if (_filled == 0)
                return false;
            (_writing, _filling) = (_filling, []);
            (_length, _written, _filled) = (_filled, 0, 0);
        }

        _inFlight = Math.Min(LargestPiece, _length - _written);
        bytes = _writing.AsMemory(_written, _inFlight);
        return true;
    }

    /// <summary>What was taken has been written.</summary>
    public void Written()
    {
        _written += _inFlight;
        _inFlight = 0;
        if (_written < _length)
            return;
        Return(ref _writing);
        _length = _written = 0;
    }

    /// <summary>Forgets what nobody will write. A buffer that is being written is left to its writer.</summary>
    public void Dispose()
    {
        Return(ref _filling);
        _filled = 0;
    }

    private void Reserve(int length)
    {
        if (_filling.Length - _filled >= length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Smallest, Math.Max(_filled + length, _filled * 2)));
        _filling.AsSpan(0, _filled).CopyTo(larger);
        Return(ref _filling);
        _filling = larger;
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }
}

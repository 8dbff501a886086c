using System.Buffers;
using VoiceCarnival.Audio;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// The input audio buffer: wire bytes that are not committed yet, addressed by their position in all audio that the session ever received (which is
/// what <c>audio_start_ms</c> counts).
/// </summary>
internal sealed class InputAudioBuffer(AudioFormat format, long startPosition = 0)
{
    // Room for the audio before a turn, by default 300 ms and as much for its onset, and a frame of 20 ms: of 24 kHz 29,760 bytes, which fit in the 32 KiB that the pool gives.
    private const int SmallestMilliseconds = 620;
    private const int MostKeptMilliseconds = 700;
    private byte[] _bytes = [];
    private int _start;
    private int _count;

    public AudioFormat Format { get; } = format;

    /// <summary>Position, in bytes, of the first byte held.</summary>
    public long Start { get; private set; } = startPosition;

    /// <summary>Position, in bytes, just past the last byte received.</summary>
    public long End => Start + _count;

    /// <summary>Bytes held.</summary>
    public int Length => _count;

    /// <summary>What is held.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _count);

    /// <summary>Milliseconds held.</summary>
    public long Milliseconds => _count / Format.BytesPerMillisecond;

    public long ToMilliseconds(long position) => position / Format.BytesPerMillisecond;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_start + _count + bytes.Length > _bytes.Length)
            MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_start + _count));
        _count += bytes.Length;
    }

    /// <summary>Forgets what lies before a position.</summary>
    public void TrimTo(long position)
    {
        int drop = (int)Math.Clamp(position - Start, 0, _count);
        drop -= drop % Format.BytesPerSample;
        _start += drop;
        _count -= drop;
        Start += drop;
    }

    /// <summary>Takes everything out.</summary>
    /// <param name="goesOn">The audio is one stream: half a sample at the end waits for its other half, which is still to come.</param>
    public AudioClip Take(bool goesOn)
    {
        int whole = _count - (_count % Format.BytesPerSample);
        var clip = new AudioClip(_bytes.AsMemory(_start, whole).ToArray(), Format);
        Forget(goesOn);
        return clip;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Forget(goesOn: false);

    private void Forget(bool goesOn)
    {
        int rest = goesOn ? _count % Format.BytesPerSample : 0;
        byte half = rest > 0 ? _bytes[_start + _count - 1] : (byte)0;
        Start += _count - rest;
        if (_bytes.Length > Format.BytesPerMillisecond * MostKeptMilliseconds)
            Replace([]); // grown in a turn; between turns sessions are many and their audio is short
        _start = _count = 0;
        if (rest > 0)
            Append([half]);
    }

    /// <summary>A buffer with the same audio in another format; positions go on counting in that format's bytes.</summary>
    public InputAudioBuffer ConvertTo(AudioFormat format)
    {
        var converted = new InputAudioBuffer(format, ToMilliseconds(Start) * format.BytesPerMillisecond);
        converted.Append(Take(goesOn: false).ConvertTo(format).Bytes.Span);
        return converted;
    }

    private void MakeRoom(int more)
    {
        int needed = _count + more;
        // Moving down is cheap while only the prefix is kept; growth doubles for long turns.
        if (needed <= _bytes.Length && _start > 0)
        {
            Buffer.BlockCopy(_bytes, _start, _bytes, 0, _count);
        }
        else
        {
            // Borrowed while a turn needs it: what growth leaves behind would else be most of a server's garbage.
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(Format.BytesPerMillisecond * SmallestMilliseconds, _bytes.Length * 2)));
            Buffer.BlockCopy(_bytes, _start, larger, 0, _count);
            Replace(larger);
        }

        _start = 0;
    }

    private void Replace(byte[] bytes)
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}

using System.Buffers.Binary;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// Audio that comes out of a stream, perhaps while it is spoken: a WAV file of PCM16, mono, whose length may be unknown (0x7FFFF000 or more), or the same without a header. Brought to one rate.
/// </summary>
/// <param name="stream">Where from; left open.</param>
/// <param name="sampleRate">Samples per second where there is no header.</param>
/// <param name="targetRate">Samples per second of what comes out.</param>
internal sealed class PcmInput(Stream stream, int sampleRate, int targetRate = Utterance.SampleRate)
{
    private const int MaxHeader = 4096;
    private const uint UnknownLength = 0x7FFFF000;

    // As much as is waited for: a frame of the voice activity detector.
    private const int PieceMilliseconds = 32;

    // Those that there are. The filter of every pair of rates is kept, so that a file which names any other is not to fill the memory.
    private static readonly int[] Rates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _rate = sampleRate;
    private long _left = long.MaxValue;
    private bool _hasBegun;
    private Resampler? _resampler;

    /// <summary>The next piece; empty at the end.</summary>
    /// <exception cref="ModelServiceException">It is another format.</exception>
    public async ValueTask<short[]> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_hasBegun)
            await BeginAsync(cancellationToken);
        int wanted = (int)Math.Min(_left, (long)_rate * PieceMilliseconds / 1000 * Pcm16.BytesPerSample);
        while (_end - _start < wanted && await FillAsync(cancellationToken))
        {
            // More is wanted.
        }

        int bytes = (int)Math.Min(_left, _end - _start) & ~1;
        var samples = new short[bytes / Pcm16.BytesPerSample];
        Pcm16.BytesToSamples(_buffer.AsSpan(_start, bytes), samples);
        _start += bytes;
        _left -= bytes;
        if (_resampler is null || bytes == 0)
            return samples;
        var resampled = new short[_resampler.OutputLength(samples.Length)];
        return resampled[.._resampler.Process(samples, resampled)];
    }

    /// <summary>All of it, up to a length.</summary>
    /// <exception cref="ModelServiceException">It is another format.</exception>
    public async ValueTask<short[]> ReadAllAsync(int maxSamples, CancellationToken cancellationToken)
    {
        var all = new List<short>();
        while (all.Count < maxSamples && await ReadAsync(cancellationToken) is { Length: > 0 } samples)
            all.AddRange(samples);
        return [.. all];
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        while (_end < 12 && await FillAsync(cancellationToken))
        {
            // Until the first chunk is known.
        }

        if (_end >= 12 && _buffer.AsSpan().StartsWith("RIFF"u8) && _buffer.AsSpan(8).StartsWith("WAVE"u8))
        {
            _start = 12;
            await ReadHeaderAsync(cancellationToken);
        }

        if (!Rates.Contains(_rate))
            throw Unsupported($"Audio of {_rate} samples per second is not understood; {string.Join(", ", Rates)} are.");
        _resampler = _rate == targetRate ? null : new Resampler(_rate, targetRate);
    }

    private async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        bool hasFormat = false;
        while (true)
        {
            await NeedAsync(8, cancellationToken);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start + 4));
            bool isAudio = _buffer.AsSpan(_start).StartsWith("data"u8);
            bool isFormat = _buffer.AsSpan(_start).StartsWith("fmt "u8);
            _start += 8;
            if (isAudio)
            {
                _left = size >= UnknownLength ? long.MaxValue : size;
                if (hasFormat)
                    return;
                throw Unsupported("The WAV file has no format before its audio.");
            }

            if (size > MaxHeader)
                throw Unsupported("The WAV file has a header that is too long.");
            await NeedAsync((int)(size + (size & 1)), cancellationToken);
            if (isFormat)
            {
                ReadFormat(_buffer.AsSpan(_start, (int)size));
                hasFormat = true;
            }

            _start += (int)(size + (size & 1));
            if (_start > _buffer.Length / 2)
                throw Unsupported("The WAV file has a header that is too long.");
        }
    }

    private void ReadFormat(ReadOnlySpan<byte> format)
    {
        const int pcm = 1;
        if (format.Length < 16 || BinaryPrimitives.ReadUInt16LittleEndian(format) != pcm || BinaryPrimitives.ReadUInt16LittleEndian(format[2..]) != 1 || BinaryPrimitives.ReadUInt16LittleEndian(format[14..]) != 16)
            throw Unsupported("The WAV file is not of 16-bit PCM with one channel.");
        _rate = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(format[4..]), int.MaxValue);
    }

    private async ValueTask NeedAsync(int bytes, CancellationToken cancellationToken)
    {
        while (_end - _start < bytes)
        {
            if (!await FillAsync(cancellationToken))
                throw Unsupported("The WAV file ends within its header.");
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }

    private static ModelServiceException Unsupported(string message) => new(ModelServiceException.Recognition, "audio_format_unsupported", message);
}

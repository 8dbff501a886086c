using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using VoiceCarnival.Audio.G711;
using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.Wav;

/// <summary>Reads WAV files (RIFF, little-endian): PCM16, float32 and G.711, plain or extensible, any number of channels.</summary>
/// <remarks>
/// Chunks are read up to the audio; what follows it is not looked at. Bad bytes give a <see cref="WavError"/>, never an exception.
/// Programs that write to a pipe cannot know the length: an audio chunk of size 0x7FFFF000 or more runs to the end of the file.
/// Layout: Microsoft "Multiple Channel Audio Data and WAVE Files" and the RIFF MCI specification of 1991.
/// </remarks>
public static class WavReader
{
    private const int ChunkHeader = 8;
    private const int RiffHeader = 12;
    private const int MinFormat = 16;
    private const int ExtensibleFormat = 40;
    private const int ExtensibleTag = 0xFFFE;
    private const uint UnknownLength = 0x7FFFF000;

    /// <summary>Bytes 2-15 of the sub-format GUID of every extensible format that has a plain tag.</summary>
    private static ReadOnlySpan<byte> SubFormatSuffix => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <summary>Reads a whole file held in memory.</summary>
    /// <returns>Whether it was read; if not, <paramref name="error"/> says why.</returns>
    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out WavAudio? audio, out WavError error)
    {
        audio = null;
        error = FindAudio(file, out WavFormat format, out ReadOnlySpan<byte> data);
        if (error == WavError.None)
        {
            int samples = data.Length / format.BytesPerFrame * format.Channels;
            audio = new WavAudio(format, Decode(data[..(samples * format.BytesPerSample)], format.Encoding, samples));
        }

        return audio is not null;
    }

    private static WavError FindAudio(ReadOnlySpan<byte> file, out WavFormat format, out ReadOnlySpan<byte> data)
    {
        format = default;
        data = default;
        if (file.Length < RiffHeader)
        {
            bool soFarRight = "RIFF"u8.StartsWith(file[..Math.Min(file.Length, 4)]);
            return soFarRight ? WavError.Truncated : WavError.NotWave;
        }

        if (!file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WAVE"u8))
        {
            return WavError.NotWave;
        }

        uint riffSize = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        bool cut = riffSize < UnknownLength && riffSize > (uint)(file.Length - ChunkHeader);
        bool hasFormat = false;
        ReadOnlySpan<byte> rest = file[RiffHeader..];
        while (rest.Length >= ChunkHeader)
        {
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            ReadOnlySpan<byte> id = rest[..4];
            rest = rest[ChunkHeader..];
            if (id.SequenceEqual("data"u8))
            {
                if (!hasFormat)
                {
                    return WavError.MissingFormat;
                }

                bool whole = size <= (uint)rest.Length;
                data = whole ? rest[..(int)size] : rest;
                return whole || size >= UnknownLength ? WavError.None : WavError.Truncated;
            }

            if (size > (uint)rest.Length)
            {
                return WavError.Truncated;
            }

            if (id.SequenceEqual("fmt "u8))
            {
                WavError error = ReadFormat(rest[..(int)size], out format);
                if (error != WavError.None)
                {
                    return error;
                }

                hasFormat = true;
            }

            // A chunk of odd length is followed by one byte of padding.
            rest = rest[(int)Math.Min(size + (size & 1), (uint)rest.Length)..];
        }

        return cut || !rest.IsEmpty ? WavError.Truncated : hasFormat ? WavError.MissingAudio : WavError.MissingFormat;
    }

    private static WavError ReadFormat(ReadOnlySpan<byte> chunk, out WavFormat format)
    {
        format = default;
        if (chunk.Length < MinFormat)
        {
            return WavError.InvalidFormat;
        }

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int frame = BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (channels == 0 || rate is 0 or > int.MaxValue)
        {
            return WavError.InvalidFormat;
        }

        if (tag == ExtensibleTag)
        {
            if (chunk.Length < ExtensibleFormat)
            {
                return WavError.InvalidFormat;
            }

            tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);
            if (!chunk[26..ExtensibleFormat].SequenceEqual(SubFormatSuffix))
            {
                return WavError.UnsupportedEncoding;
            }
        }

        WavEncoding? encoding = (tag, bits) switch
        {
            (0x0001, 16) => WavEncoding.Pcm16,
            (0x0003, 32) => WavEncoding.IeeeFloat,
            (0x0006, 8) => WavEncoding.ALaw,
            (0x0007, 8) => WavEncoding.MuLaw,
            _ => null,
        };
        if (encoding is null)
        {
            return WavError.UnsupportedEncoding;
        }

        format = new WavFormat(encoding.Value, (int)rate, channels);
        return frame == format.BytesPerFrame ? WavError.None : WavError.InvalidFormat;
    }

    private static short[] Decode(ReadOnlySpan<byte> data, WavEncoding encoding, int count)
    {
        var samples = new short[count];
        switch (encoding)
        {
            case WavEncoding.Pcm16:
                Pcm16.BytesToSamples(data, samples);
                break;
            case WavEncoding.MuLaw:
                MuLaw.Decode(data, samples);
                break;
            case WavEncoding.ALaw:
                ALaw.Decode(data, samples);
                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    samples[i] = Pcm16.FromFloat(BinaryPrimitives.ReadSingleLittleEndian(data[(i * sizeof(float))..]));
                }

                break;
        }

        return samples;
    }
}

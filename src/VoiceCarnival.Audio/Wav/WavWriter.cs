using System.Buffers.Binary;
using VoiceCarnival.Audio.G711;
using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.Wav;

/// <summary>Writes WAV files (RIFF, little-endian) with the plain header.</summary>
public static class WavWriter
{
    /// <summary>Bytes before the audio: RIFF, a format chunk of 16 bytes (18 unless PCM), a fact chunk unless PCM, and the data header.</summary>
    public static int HeaderLength(WavEncoding encoding) => encoding == WavEncoding.Pcm16 ? 44 : 58;

    /// <summary>Writes one channel of PCM16.</summary>
    public static byte[] Write(ReadOnlySpan<short> samples, int sampleRate) =>
        Write(samples, new WavFormat(WavEncoding.Pcm16, sampleRate, 1));

    /// <summary>Writes samples (channels interleaved) in the given encoding.</summary>
    /// <exception cref="ArgumentException">The samples are not a whole number of frames, or the format is not valid.</exception>
    public static byte[] Write(ReadOnlySpan<short> samples, WavFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(format.SampleRate, nameof(format));
        if (format.Channels is < 1 or > ushort.MaxValue / sizeof(float) || samples.Length % format.Channels != 0)
        {
            throw new ArgumentException("The samples are not a whole number of frames.", nameof(samples));
        }

        int header = HeaderLength(format.Encoding);
        int length = checked(samples.Length * format.BytesPerSample);
        var file = new byte[checked(header + length + (length & 1))];
        WriteHeader(file, format, length);
        Encode(samples, format.Encoding, file.AsSpan(header, length));
        return file;
    }

    /// <summary>Writes only the header, for a stream whose audio follows. Pass <see cref="int.MaxValue"/> if its length is not known.</summary>
    /// <returns>Bytes written, <see cref="HeaderLength"/>.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int WriteHeader(Span<byte> file, WavFormat format, int audioBytes)
    {
        int header = HeaderLength(format.Encoding);
        Pcm16.ThrowIfTooShort(file.Length, header);
        bool pcm = format.Encoding == WavEncoding.Pcm16;
        "RIFF"u8.CopyTo(file);
        uint padded = (uint)audioBytes + ((uint)audioBytes & 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file[4..], (uint)(header - 8) + padded);
        "WAVEfmt "u8.CopyTo(file[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(file[16..], pcm ? 16 : 18);
        BinaryPrimitives.WriteUInt16LittleEndian(file[20..], (ushort)format.Encoding);
        BinaryPrimitives.WriteUInt16LittleEndian(file[22..], (ushort)format.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(file[24..], format.SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(file[28..], format.SampleRate * format.BytesPerFrame);
        BinaryPrimitives.WriteUInt16LittleEndian(file[32..], (ushort)format.BytesPerFrame);
        BinaryPrimitives.WriteUInt16LittleEndian(file[34..], (ushort)(format.BytesPerSample * 8));
        if (!pcm)
        {
            // Formats other than PCM carry the size of their (empty) extension and the number of frames.
            BinaryPrimitives.WriteUInt16LittleEndian(file[36..], 0);
            "fact"u8.CopyTo(file[38..]);
            BinaryPrimitives.WriteInt32LittleEndian(file[42..], 4);
            BinaryPrimitives.WriteInt32LittleEndian(file[46..], audioBytes / format.BytesPerFrame);
        }

        "data"u8.CopyTo(file[(header - 8)..]);
        BinaryPrimitives.WriteInt32LittleEndian(file[(header - 4)..], audioBytes);
        return header;
    }

    private static void Encode(ReadOnlySpan<short> samples, WavEncoding encoding, Span<byte> data)
    {
        switch (encoding)
        {
            case WavEncoding.MuLaw:
                MuLaw.Encode(samples, data);
                break;
            case WavEncoding.ALaw:
                ALaw.Encode(samples, data);
                break;
            case WavEncoding.IeeeFloat:
                for (int i = 0; i < samples.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(data[(i * sizeof(float))..], samples[i] / 32768f);
                }

                break;
            default:
                Pcm16.SamplesToBytes(samples, data);
                break;
        }
    }
}

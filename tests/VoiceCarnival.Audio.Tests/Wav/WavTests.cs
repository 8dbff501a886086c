using System.Buffers.Binary;
using FsCheck.Xunit;
using VoiceCarnival.Audio.Tests.Signals;
using VoiceCarnival.Audio.Wav;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Wav;

public sealed class WavTests
{
    private static readonly short[] Ramp = [.. Enumerable.Range(0, 150).Select(i => (short)((i * 400) - 30_000))];

    public static TheoryData<WavEncoding, int> Formats
    {
        get
        {
            var data = new TheoryData<WavEncoding, int>();
            foreach (WavEncoding encoding in Enum.GetValues<WavEncoding>())
            {
                data.Add(encoding, 1);
                data.Add(encoding, 2);
                data.Add(encoding, 3);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void WrittenFile_ReadsBack(WavEncoding encoding, int channels)
    {
        var format = new WavFormat(encoding, 16_000, channels);

        Assert.True(WavReader.TryRead(WavWriter.Write(Ramp, format), out WavAudio? audio, out WavError error), error.ToString());

        Assert.Equal(format, audio.Format);
        Assert.Equal(Ramp.Length / channels, audio.Frames);
        bool lossless = encoding is WavEncoding.Pcm16 or WavEncoding.IeeeFloat;
        Assert.All(Ramp.Zip(audio.Samples.ToArray()), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, lossless ? 0 : 1_100));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void EveryTruncatedLength_IsAnError(WavEncoding encoding, int channels)
    {
        int samples = 100 - (100 % channels);
        byte[] file = WavWriter.Write(Ramp.AsSpan(0, samples), new WavFormat(encoding, 8_000, channels));
        int padding = samples * new WavFormat(encoding, 8_000, 1).BytesPerSample & 1;
        for (int length = 0; length < file.Length - padding; length++)
        {
            Assert.False(WavReader.TryRead(file.AsSpan(0, length), out WavAudio? audio, out WavError error));
            Assert.Null(audio);
            Assert.True(error is WavError.Truncated, $"{length}: {error}");
        }
    }

    [Fact]
    public void OddChunkBeforeTheAudio_IsSkippedWithItsPadding()
    {
        byte[] file = WavWriter.Write(Ramp, 8_000);
        byte[] odd = [.. "LIST"u8, 5, 0, 0, 0, 1, 2, 3, 4, 5, 0];
        byte[] edited = [.. file[..36], .. odd, .. file[36..], .. "junk after the audio"u8];

        Assert.True(WavReader.TryRead(edited, out WavAudio? audio, out _));
        Assert.Equal(Ramp, audio.Samples.ToArray());
    }

    [Fact]
    public void ExtensibleFormat_IsReadByItsSubFormat()
    {
        Assert.True(WavReader.TryRead(Extensible(1), out WavAudio? audio, out WavError error), error.ToString());
        Assert.Equal(WavEncoding.Pcm16, audio.Format.Encoding);
        Assert.Equal(Ramp, audio.Samples.ToArray());
    }

    [Fact]
    public void ExtensibleFormatOfForeignGuid_IsUnsupported()
    {
        byte[] file = Extensible(1);
        file[50] ^= 0xFF;

        Assert.False(WavReader.TryRead(file, out _, out WavError error));
        Assert.Equal(WavError.UnsupportedEncoding, error);
    }

    [Theory]
    [InlineData(0x7FFFF000u)]
    [InlineData(0xFFFFFFFFu)]
    public void UnknownLength_ReadsToTheEnd(uint size)
    {
        byte[] file = WavWriter.Write(Ramp, 8_000);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), size);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(40), size);

        Assert.True(WavReader.TryRead(file, out WavAudio? audio, out _));
        Assert.Equal(Ramp, audio.Samples.ToArray());
    }

    [Theory]
    [InlineData(0, 'X', WavError.NotWave)]
    [InlineData(8, 'X', WavError.NotWave)]
    [InlineData(12, 'X', WavError.MissingFormat)]
    [InlineData(16, 15, WavError.InvalidFormat)]
    [InlineData(20, 2, WavError.UnsupportedEncoding)]
    [InlineData(22, 0, WavError.InvalidFormat)]
    [InlineData(22, 2, WavError.InvalidFormat)]
    [InlineData(34, 24, WavError.UnsupportedEncoding)]
    [InlineData(36, 'X', WavError.MissingAudio)]
    public void ChangedByte_IsNamedByItsError(int at, int value, WavError expected)
    {
        byte[] file = WavWriter.Write(Ramp, 8_000);
        file[at] = (byte)value;

        Assert.False(WavReader.TryRead(file, out _, out WavError error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void HalfAFrameAtTheEnd_IsIgnored()
    {
        byte[] file = WavWriter.Write(Ramp, new WavFormat(WavEncoding.Pcm16, 8_000, 2));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), (Ramp.Length * 2) - 3);

        Assert.True(WavReader.TryRead(file, out WavAudio? audio, out _));
        Assert.Equal((Ramp.Length / 2) - 1, audio.Frames);
    }

    [Fact]
    public void Stereo_AveragesToMono()
    {
        byte[] file = WavWriter.Write([100, 300, -100, -300], new WavFormat(WavEncoding.Pcm16, 8_000, 2));

        Assert.True(WavReader.TryRead(file, out WavAudio? audio, out _));
        Assert.Equal([200, -200], audio.ToMono().Select(s => (int)s));
        Assert.Equal(TimeSpan.FromMilliseconds(0.25), audio.Duration);
    }

    [Fact]
    public void HalfFrames_AreNotWritten() =>
        Assert.Throws<ArgumentException>(() => WavWriter.Write(new short[3], new WavFormat(WavEncoding.Pcm16, 8_000, 2)));

    [Fact]
    public void FilesOfSox_AreRead()
    {
        Assert.InRange(TestSpeech.Load("counting").Length, 24_000 * 7, 24_000 * 11);
        Assert.InRange(TestSpeech.Load("barge-in-48k").Length, 48_000 * 4, 48_000 * 8);
    }

    [Property(MaxTest = 500)]
    public bool RandomBytes_NeverThrow(byte[] bytes)
    {
        bool read = WavReader.TryRead(bytes, out WavAudio? audio, out WavError error);
        return read == (audio is not null) && read == (error == WavError.None);
    }

    [Property(MaxTest = 2_000)]
    public bool DamagedFile_NeverThrows(int seed)
    {
        var random = new Random(seed);
        byte[] file = random.Next(2) == 0 ? Extensible(1) : WavWriter.Write(Ramp, new WavFormat(WavEncoding.IeeeFloat, 8_000, 3));
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            file[random.Next(Math.Min(file.Length, 72))] = (byte)random.Next(256);
        }

        bool read = WavReader.TryRead(file.AsSpan(0, random.Next(file.Length + 1)), out WavAudio? audio, out WavError error);
        return read == (audio is not null) && read == (error == WavError.None);
    }

    private static byte[] Extensible(byte tag)
    {
        byte[] file = WavWriter.Write(Ramp, 8_000);
        byte[] extension =
        [
            22, 0, 16, 0, 4, 0, 0, 0, tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71,
        ];
        byte[] edited = [.. file[..36], .. extension, .. file[36..]];
        edited[16] = 40;
        edited[20] = 0xFE;
        edited[21] = 0xFF;
        BinaryPrimitives.WriteInt32LittleEndian(edited.AsSpan(4), edited.Length - 8);
        return edited;
    }
}

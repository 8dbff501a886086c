using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech.Recognition;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Recognition;

public sealed class PcmInputTests
{
    private static readonly short[] Ramp = [.. Enumerable.Range(0, 20_000).Select(i => (short)i)];

    private static async Task<short[]> ReadAll(byte[] bytes, int rate = 16_000)
    {
        var input = new PcmInput(new MemoryStream(bytes), rate);
        var all = new List<short>();
        while (await input.ReadAsync(TestContext.Current.CancellationToken) is { Length: > 0 } piece)
            all.AddRange(piece);
        return [.. all];
    }

    [Fact]
    public async Task Wav_IsReadWithoutItsHeader() => Assert.Equal(Ramp, await ReadAll(WavWriter.Write(Ramp, 16_000), 24_000));

    [Fact]
    public async Task BareSamples_AreReadAsTheyAre() => Assert.Equal(Ramp, await ReadAll(MemoryMarshal.AsBytes(Ramp.AsSpan()).ToArray()));

    [Theory]
    [InlineData(8_000)]
    [InlineData(24_000)]
    [InlineData(48_000)]
    public async Task OtherRates_AreBroughtTo16k(int rate) => Assert.Equal(Ramp.Length * 16_000.0 / rate, (await ReadAll(WavWriter.Write(Ramp, rate))).Length, 3.0);

    [Theory]
    [InlineData(7_999)]
    [InlineData(23_976)]
    [InlineData(int.MaxValue)]
    public async Task RatesThatThereAreNot_AreRefusedWithWords(int rate) =>
        Assert.Contains("not understood", (await Assert.ThrowsAsync<ModelServiceException>(() => ReadAll(WavWriter.Write(Ramp, rate)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(11_025)]
    [InlineData(22_050)]
    [InlineData(44_100)]
    [InlineData(96_000)]
    public async Task UnusualRates_AreRead(int rate) => Assert.Equal(Ramp.Length * 16_000.0 / rate, (await ReadAll(WavWriter.Write(Ramp, rate))).Length, 1.0);

    [Fact]
    public async Task AWavWhoseLengthIsUnknown_GoesOnToTheEnd()
    {
        byte[] file = WavWriter.Write(Ramp, 16_000);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(40), uint.MaxValue);

        Assert.Equal(Ramp, await ReadAll(file));
    }

    [Fact]
    public async Task WhatFollowsTheAudio_IsNotRead() => Assert.Equal(Ramp, await ReadAll([.. WavWriter.Write(Ramp, 16_000), .. "LIST\x04\0\0\0abcd"u8]));

    [Fact]
    public async Task WhatIsStillBeingWritten_ComesInPiecesOf32Milliseconds()
    {
        var pipe = new Pipe();
        var input = new PcmInput(pipe.Reader.AsStream(), 16_000);
        await pipe.Writer.WriteAsync(new byte[1000], TestContext.Current.CancellationToken);
        var first = input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.False(first.IsCompleted);

        await pipe.Writer.WriteAsync(new byte[25], TestContext.Current.CancellationToken);
        Assert.Equal(512, (await first).Length);

        await pipe.Writer.CompleteAsync();
        Assert.Empty(await input.ReadAsync(TestContext.Current.CancellationToken)); // half a sample is none
    }

    [Fact]
    public async Task EveryTruncatedLength_EndsOrIsRefused()
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVELIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. WavWriter.Write(Ramp, 16_000).AsSpan(12)];
        for (int length = 0; length < 200; length++)
        {
            try
            {
                Assert.InRange((await ReadAll(file[..length])).Length, 0, length / 2);
            }
            catch (ModelServiceException exception)
            {
                Assert.Equal("audio_format_unsupported", exception.Code);
            }
        }
    }

    [Fact]
    public async Task RandomHeaders_NeverDoMore()
    {
        byte[] good = WavWriter.Write(Ramp.AsSpan(0, 100), 16_000);
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] file = [.. good];
            for (int change = random.Next(1, 6); change > 0; change--)
                file[random.Next(12, 44)] = (byte)random.Next(256);
            try
            {
                await ReadAll(file);
            }
            catch (ModelServiceException exception)
            {
                Assert.Equal("audio_format_unsupported", exception.Code);
            }
        }
    }

    [Fact]
    public async Task TwoChannels_AreRefusedWithWords()
    {
        var exception = await Assert.ThrowsAsync<ModelServiceException>(() => ReadAll(WavWriter.Write(Ramp, new WavFormat(WavEncoding.Pcm16, 16_000, 2))));

        Assert.Contains("one channel", exception.Message);
    }
}

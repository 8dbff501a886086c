using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Protocols.Tests.Rtp;

public sealed class RtpPacketTests
{
    private static readonly RtpHeader Header = new()
    {
        Marker = true,
        PayloadType = new PayloadType(111),
        Sequence = new SequenceNumber(0xABCD),
        Timestamp = 0xDEADBEEF,
        Ssrc = new Ssrc(0x01020304),
    };

    [Fact]
    public void Rfc3550_5_1_PlainPacket_IsReadAsItWasWritten()
    {
        var buffer = new byte[100];
        var writer = new RtpPacketWriter(buffer, Header);
        Assert.True(writer.TryWritePayload([1, 2, 3]));
        Assert.Equal(Hex.Bytes("80EFABCD DEADBEEF 01020304 010203"), buffer[..writer.Length]);

        Assert.Equal(RtpError.None, RtpPacket.TryRead(buffer.AsSpan(0, writer.Length), out var packet));
        Assert.True(packet.Header.Marker);
        Assert.Equal((Header.PayloadType, Header.Sequence, Header.Timestamp, Header.Ssrc), (packet.Header.PayloadType, packet.Header.Sequence, packet.Header.Timestamp, packet.Header.Ssrc));
        Assert.Equal([1, 2, 3], packet.Payload.ToArray());
        Assert.Equal(0, packet.Extensions.Data.Length);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(15, 4)]
    [InlineData(3, 255)]
    public void CsrcsAndPadding_RoundTrip_AndNoPartOfThemIsAPacket(int csrcs, int padding)
    {
        var buffer = new byte[500];
        var writer = new RtpPacketWriter(buffer, Header);
        for (int i = 0; i < csrcs; i++)
            Assert.True(writer.TryAddCsrc(new Ssrc((uint)(100 + i))));
        Assert.Equal(csrcs < RtpHeader.MaxCsrcs, writer.TryAddCsrc(new Ssrc(7)));
        int count = Math.Min(RtpHeader.MaxCsrcs, csrcs + 1);
        Assert.True(writer.TryAddExtension(RtpExtensionForm.OneByte, 3, [9, 8]));
        Assert.True(writer.TryWritePayload([5, 6], padding));

        var bytes = buffer.AsSpan(0, writer.Length);
        Assert.Equal(RtpError.None, RtpPacket.TryRead(bytes, out var packet));
        Assert.Equal((count, padding), (packet.Header.CsrcCount, packet.PaddingLength));
        Assert.Equal(new Ssrc(csrcs == 0 ? 7u : 100u), packet.Csrc(0));
        Assert.Equal([5, 6], packet.Payload.ToArray());
        Assert.True(packet.Extensions.TryGet(3, out var value));
        Assert.Equal([9, 8], value.ToArray());
        for (int part = 0; part < packet.Header.Length; part++)
            Assert.Equal(RtpError.Truncated, RtpPacket.TryRead(bytes[..part], out _));
    }

    [Fact]
    public void IndexPastTheCsrcs_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            Assert.Equal(RtpError.None, RtpPacket.TryRead(Hex.Bytes("80000001 00000002 00000003"), out var packet));
            packet.Csrc(0);
        });
    }

    [Theory]
    [InlineData("", RtpError.Truncated)]
    [InlineData("40000001 00000002 00000003", RtpError.WrongVersion)]
    [InlineData("81000001 00000002 00000003", RtpError.Truncated)] // a source that is not there
    [InlineData("90000001 00000002 00000003", RtpError.Truncated)] // an extension that is not there
    [InlineData("90000001 00000002 00000003 BEDEFFFF 00000000", RtpError.Truncated)] // an extension longer than the packet
    [InlineData("A0000001 00000002 00000003", RtpError.InvalidPadding)] // padding without a byte for it
    [InlineData("A0000001 00000002 00000003 00", RtpError.InvalidPadding)] // padding of no bytes
    [InlineData("A0000001 00000002 00000003 0102030405", RtpError.None)]
    [InlineData("A0000001 00000002 00000003 0102030406", RtpError.InvalidPadding)] // padding into the header
    public void HostileHeader_IsRefused(string hex, RtpError error) => Assert.Equal(error, RtpPacket.TryRead(Hex.Bytes(hex), out _));

    [Fact]
    public void Rfc8285_4_2_OneByteElements_AreRead()
    {
        // Two elements, alignment between and behind them, as drawn in the section.
        Assert.Equal(RtpError.None, RtpPacket.TryRead(Hex.Bytes("90000001 00000002 00000003 BEDE0003 10AA 21BBCC 000000 30DD 0000 FF"), out var packet));
        var seen = new List<string>();
        foreach (var element in packet.Extensions)
            seen.Add($"{element.Id}:{Convert.ToHexString(element.Value)}");
        Assert.Equal(["1:AA", "2:BBCC", "3:DD"], seen);
        Assert.Equal([0xFF], packet.Payload.ToArray());
    }

    [Fact]
    public void Rfc8285_4_3_TwoByteElements_AreRead_EmptyOnesToo()
    {
        Assert.Equal(RtpError.None, RtpPacket.TryRead(Hex.Bytes("90000001 00000002 00000003 10050003 0100 0201BB 00 FF04CCCCCCCC"), out var packet));
        var seen = new List<string>();
        foreach (var element in packet.Extensions)
            seen.Add($"{element.Id}:{Convert.ToHexString(element.Value)}");
        Assert.Equal(["1:", "2:BB", "255:CCCCCCCC"], seen);
    }

    [Theory]
    [InlineData("BEDE0001 F0AA10BB")] // id 15 stops the reading
    [InlineData("BEDE0001 05AABBCC")] // id 0 with a length: reserved
    [InlineData("BEDE0001 1FAABBCC")] // runs past the end
    [InlineData("10000001 01FFBBCC")]
    [InlineData("10000001 00000001")] // an id without a length
    [InlineData("12340001 10AA0000")] // another profile
    public void ElementsThatCannotBeRead_EndTheReading(string extension)
    {
        Assert.Equal(RtpError.None, RtpPacket.TryRead(Hex.Bytes("90000001 00000002 00000003" + extension), out var packet));
        foreach (var element in packet.Extensions)
            Assert.Fail($"Element {element.Id} is none.");
    }

    [Theory]
    [InlineData(RtpExtensionForm.OneByte, 0, 1)]
    [InlineData(RtpExtensionForm.OneByte, 15, 1)]
    [InlineData(RtpExtensionForm.OneByte, 1, 0)]
    [InlineData(RtpExtensionForm.OneByte, 1, 17)]
    [InlineData(RtpExtensionForm.TwoByte, 0, 1)]
    [InlineData(RtpExtensionForm.TwoByte, 256, 1)]
    [InlineData(RtpExtensionForm.TwoByte, 1, 256)]
    public void ElementThatTheFormCannotCarry_IsNotWritten(RtpExtensionForm form, int id, int length)
    {
        var buffer = new byte[1000];
        var writer = new RtpPacketWriter(buffer, Header);
        Assert.False(writer.TryAddExtension(form, id, new byte[length]));
        Assert.True(writer.TryWritePayload([1]));
        Assert.Equal(13, writer.Length);
    }

    [Fact]
    public void RandomPackets_RoundTrip_InBuffersOfAnySize()
    {
        var random = new Random(8285);
        for (int round = 0; round < 2000; round++)
        {
            var form = (RtpExtensionForm)random.Next(2);
            var values = Enumerable.Range(0, random.Next(5)).Select(_ => Bytes(random, random.Next(1, 17))).ToArray();
            var payload = Bytes(random, random.Next(40));
            int csrcs = random.Next(16), padding = random.Next(8);
            var buffer = Bytes(random, random.Next(RtpHeader.FixedLength, 300));
            var writer = new RtpPacketWriter(buffer, Header);
            bool fits = true;
            for (int i = 0; i < csrcs && fits; i++)
                fits = writer.TryAddCsrc(new Ssrc((uint)i));
            for (int i = 0; i < values.Length && fits; i++)
                fits = writer.TryAddExtension(form, i + 1, values[i]);
            if (!fits || !writer.TryWritePayload(payload, padding))
                continue;
            Assert.Equal(RtpError.None, RtpPacket.TryRead(buffer.AsSpan(0, writer.Length), out var packet));
            Assert.Equal((csrcs, padding), (packet.Header.CsrcCount, packet.PaddingLength));
            Assert.Equal(payload, packet.Payload.ToArray());
            int next = 0;
            foreach (var element in packet.Extensions)
                Assert.Equal(values[next++], element.Value.ToArray());
            Assert.Equal(values.Length, next);
        }
    }

    [Fact]
    public void ReadingAndWriting_AllocateNothing()
    {
        var buffer = new byte[200];
        Assert.Equal(0, Allocations.Least(() =>
        {
            var writer = new RtpPacketWriter(buffer, Header);
            writer.TryAddExtension(RtpExtensionForm.OneByte, 1, [0x30]);
            writer.TryWritePayload(buffer.AsSpan(100, 80));
            RtpPacket.TryRead(buffer.AsSpan(0, writer.Length), out var packet);
            packet.Extensions.TryGet(1, out _);
        }));
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}

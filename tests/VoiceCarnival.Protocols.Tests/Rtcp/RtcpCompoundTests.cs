using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Tests.Rtcp;

public sealed class RtcpCompoundTests
{
    private static readonly SenderInfo Sender = new(new NtpTimestamp(0x0102030405060708), 0x11121314, 5, 800);
    private static readonly ReportBlock Block = new(new Ssrc(2), 128, -3, 0x00010005, 42, 0x03040506, 65_536);

    [Fact]
    public void Rfc3550_6_4_1_SenderReport_LooksAsDrawn_AndRoundTrips()
    {
        var bytes = Compound(Sender, [Block], "a@b", goodbye: true);
        Assert.Equal(
            Hex.Bytes(
                """
                81C8000C 00000001 01020304 05060708 11121314 00000005 00000320
                00000002 80FFFFFD 00010005 0000002A 03040506 00010000
                81CA0003 00000001 01036140 62000000
                81CB0001 00000001
                """),
            bytes);
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(bytes, out var compound));
        var types = new List<RtcpPacketType>();
        foreach (var packet in compound)
        {
            types.Add(packet.Type);
            switch (packet.Type)
            {
                case RtcpPacketType.SenderReport:
                    Assert.True(RtcpReport.TryRead(packet, out var report));
                    Assert.Equal((new Ssrc(1), Sender, 1), (report.Source, report.Sender!.Value, report.Count));
                    Assert.Equal(Block, report[0]);
                    break;
                case RtcpPacketType.SourceDescription:
                    Assert.True(packet.TryGetCname(new Ssrc(1), out var name));
                    Assert.Equal("a@b"u8.ToArray(), name.ToArray());
                    Assert.False(packet.TryGetCname(new Ssrc(9), out _));
                    break;
                default:
                    Assert.Equal(new Ssrc(1), packet.GoodbyeSource(0));
                    Assert.Null(packet.GoodbyeSource(1));
                    break;
            }
        }

        Assert.Equal([RtcpPacketType.SenderReport, RtcpPacketType.SourceDescription, RtcpPacketType.Goodbye], types);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(255)]
    public void CnameOfAnyLength_EndsInAZero_OnAWord(int length)
    {
        var bytes = Compound(null, [], new string('x', length), goodbye: false);
        Assert.Equal(0, bytes.Length % 4);
        Assert.Equal(0, bytes[^1]);
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(bytes, out var compound));
        foreach (var packet in compound)
        {
            if (packet.Type == RtcpPacketType.SourceDescription)
            {
                Assert.True(packet.TryGetCname(new Ssrc(1), out var name));
                Assert.Equal(length, name.Length);
            }
        }
    }

    [Fact]
    public void EveryTruncatedLength_IsRefused_ExceptWhereAPacketEnds()
    {
        var bytes = Compound(Sender, [Block], "name", goodbye: true);
        var whole = new List<int>();
        for (int part = 0; part < bytes.Length; part++)
        {
            if (RtcpCompound.TryRead(bytes.AsSpan(0, part), out _) == RtcpError.None)
                whole.Add(part);
        }

        Assert.Equal([52, 52 + 16], whole);
    }

    [Theory]
    [InlineData("", RtcpError.Truncated)]
    [InlineData("40C90001 00000001", RtcpError.WrongVersion)]
    [InlineData("81CA0003 00000001 01036140 62000000", RtcpError.NoReport)]
    [InlineData("80C90002 00000001", RtcpError.Truncated)]
    [InlineData("A0C90002 00000001 00000004 80C90001 00000001", RtcpError.InvalidPadding)] // not the last
    [InlineData("A0C90002 00000001 00000000", RtcpError.InvalidPadding)]
    [InlineData("A0C90002 00000001 00000003", RtcpError.InvalidPadding)]
    [InlineData("A0C90002 00000001 0000000C", RtcpError.InvalidPadding)]
    [InlineData("A0C90002 00000001 00000004", RtcpError.None)]
    public void HostileCompound_IsRefusedAsAWhole(string hex, RtcpError error) => Assert.Equal(error, RtcpCompound.TryRead(Hex.Bytes(hex), out _));

    [Theory]
    [InlineData("81C90001 00000001")] // a block that is not there
    [InlineData("80C80001 00000001")] // no sender information
    [InlineData("80C90000")] // not even a source
    public void ReportThatIsShorterThanItSays_IsNotRead(string hex)
    {
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(Hex.Bytes(hex), out var compound));
        foreach (var packet in compound)
            Assert.False(RtcpReport.TryRead(packet, out _));
    }

    [Theory]
    [InlineData("81CA0002 00000001 01FF6161")] // a name that runs past the end
    [InlineData("9FCA0002 00000001 00000000")] // more chunks than there are
    [InlineData("81CA0000")]
    public void BrokenSourceDescription_HasNoName(string hex)
    {
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(Hex.Bytes("80C90001 00000001" + hex), out var compound));
        foreach (var packet in compound)
            Assert.False(packet.TryGetCname(new Ssrc(1), out _));
    }

    [Fact]
    public void NtpTime_IsSecondsSince1900_AndTheirFraction()
    {
        Assert.Equal(0xEB0C8F00_80000000, NtpTimestamp.From(new DateTimeOffset(2024, 12, 18, 0, 0, 0, 500, TimeSpan.Zero)).Value);
        Assert.Equal(0x8F008000u, NtpTimestamp.From(new DateTimeOffset(2024, 12, 18, 0, 0, 0, 500, TimeSpan.Zero)).Middle);
    }

    private static byte[] Compound(SenderInfo? sender, ReportBlock[] blocks, string cname, bool goodbye)
    {
        var buffer = new byte[1000];
        var writer = new RtcpWriter(buffer);
        Assert.True(writer.TryAddReport(new Ssrc(1), sender, blocks));
        Assert.True(writer.TryAddCname(new Ssrc(1), System.Text.Encoding.UTF8.GetBytes(cname)));
        if (goodbye)
            Assert.True(writer.TryAddGoodbye(new Ssrc(1)));
        return buffer[..writer.Length];
    }
}

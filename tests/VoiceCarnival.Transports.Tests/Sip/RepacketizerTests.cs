using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class RepacketizerTests
{
    private readonly Repacketizer _repacketizer = new();
    private readonly List<byte[]> _sent = [];
    private ushort _sequence = 65_530;
    private uint _timestamp = uint.MaxValue - 200;
    private byte _value;

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    public void Audio_IsCutAsWanted_AndNothingOfItIsLost(int milliseconds)
    {
        _repacketizer.Agree(PayloadType.Pcmu, milliseconds);
        for (int i = 0; i < 30; i++)
            Add(0, 160);

        Assert.Equal(600 / milliseconds, _sent.Count);
        Assert.Equal(Enumerable.Range(0, 4800).Select(i => (byte)i), _sent.SelectMany(packet => packet.Skip(12)));
        Assert.All(_sent.Zip(_sent.Skip(1)), pair =>
        {
            Assert.Equal((ushort)(Sequence(pair.First) + 1), Sequence(pair.Second));
            Assert.Equal(Timestamp(pair.First) + (uint)milliseconds * 8, Timestamp(pair.Second));
        });
    }

    [Fact]
    public void Keys_PassInTheSameNumbers()
    {
        _repacketizer.Agree(PayloadType.Pcmu, 40);
        Add(0, 160);
        Add(0, 160);
        Add(101, 4);
        Add(0, 160);
        Add(0, 160);

        Assert.Equal([0, 101, 0], _sent.Select(packet => packet[1] & 0x7F));
        Assert.Equal([65_530, 65_531, 65_532], _sent.Select(packet => (int)Sequence(packet)));
    }

    [Fact]
    public void Gap_DropsWhatWasBegun()
    {
        _repacketizer.Agree(PayloadType.Pcmu, 40);
        Add(0, 160);
        _timestamp += 1600;
        Add(0, 160);
        Add(0, 160);

        Assert.Equal(332, Assert.Single(_sent).Length);
    }

    private static ushort Sequence(byte[] packet) => BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));

    private static uint Timestamp(byte[] packet) => BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4));

    private void Add(byte type, int length)
    {
        var buffer = new byte[12 + length + IRtpLine.Spare];
        new RtpHeader { PayloadType = new PayloadType(type), Sequence = new SequenceNumber(_sequence++), Timestamp = _timestamp, Ssrc = new Ssrc(1) }.Write(buffer);
        for (int i = 0; i < length; i++)
            buffer[12 + i] = type == 0 ? _value++ : (byte)0;
        _timestamp += type == 0 ? (uint)length : 0;
        _repacketizer.Add(buffer, 12 + length, (packet, size) => _sent.Add(packet[..size].ToArray()));
    }
}

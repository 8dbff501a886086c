using System.Text;

namespace VoiceCarnival.WebSockets.Tests;

public sealed class FrameHeaderTests
{
    // RFC 6455, section 5.7.
    [Theory]
    [InlineData("810548656c6c6f", WebSocketRole.Client, "Hello")]
    [InlineData("818537fa213d7f9f4d5158", WebSocketRole.Server, "Hello")]
    [InlineData("010348656c80026c6f", WebSocketRole.Client, "Hello")]
    public void ExamplesOfTheRfc_AreRead(string hex, WebSocketRole role, string text)
    {
        using var frames = new IncomingFrames(role, 1000);
        Feed(frames, Convert.FromHexString(hex));
        Assert.True(frames.TryRead(out var message));
        Assert.Equal((Opcode.Text, text), (message.Opcode, Encoding.UTF8.GetString(message.Payload.Span)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(int.MaxValue)]
    public void Header_IsReadAsItWasWritten_AndNeverFromLess(int length)
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.Longest];
        foreach (uint? key in new uint?[] { null, 0x12345678 })
        {
            var role = key is null ? WebSocketRole.Client : WebSocketRole.Server;
            int written = FrameHeader.Write(bytes, Opcode.Binary, length, key);
            Assert.Equal(FrameHeader.LengthFor(length, key is not null), written);
            for (int part = 0; part < written; part++)
            {
                Assert.Null(FrameHeader.TryRead(bytes[..part], role, out var early));
                Assert.Null(early);
            }

            var header = FrameHeader.TryRead(bytes[..written], role, out var fault);
            Assert.Null(fault);
            Assert.Equal(new FrameHeader(true, Opcode.Binary, key is not null, key ?? 0, length, written), header);
        }
    }

    [Theory]
    [InlineData("c100")] // a reserved bit
    [InlineData("8300")] // a reserved opcode
    [InlineData("8b00")] // a reserved control opcode
    [InlineData("0900")] // a fragmented ping
    [InlineData("897e007e")] // a ping of 126 bytes
    [InlineData("818000000000")] // masked by a server
    [InlineData("827fffffffffffffffff")] // the highest bit of the length
    [InlineData("8000")] // nothing to go on with
    [InlineData("0100" + "8100")] // a message within another
    [InlineData("880103")] // half a close code
    [InlineData("880203ed")] // close code 1005, which is never sent
    public void BrokenFrame_IsAProtocolError(string hex)
    {
        using var frames = new IncomingFrames(WebSocketRole.Client, 1000);
        Feed(frames, Convert.FromHexString(hex));
        Assert.False(frames.TryRead(out _));
        Assert.Equal(WebSocketClosure.ProtocolError, frames.Fault?.Code);
    }

    [Theory]
    [InlineData("8102c328", WebSocketClosure.InvalidPayload)]
    [InlineData("0101c3" + "800128", WebSocketClosure.InvalidPayload)]
    [InlineData("827e03e9", WebSocketClosure.TooBig)]
    [InlineData("880403e8c328", WebSocketClosure.InvalidPayload)]
    public void WrongContent_HasItsOwnCloseCode(string hex, int code)
    {
        using var frames = new IncomingFrames(WebSocketRole.Client, 1000);
        Feed(frames, Convert.FromHexString(hex));
        Assert.False(frames.TryRead(out _));
        Assert.Equal(code, frames.Fault?.Code);
    }

    [Fact]
    public void CharacterSplitOverFragments_IsText()
    {
        using var frames = new IncomingFrames(WebSocketRole.Client, 1000);
        Feed(frames, Convert.FromHexString("0101c3" + "8900" + "8001bc"));
        Assert.True(frames.TryRead(out var ping));
        Assert.Equal(Opcode.Ping, ping.Opcode);
        Assert.True(frames.TryRead(out var message));
        Assert.Equal("ü", Encoding.UTF8.GetString(message.Payload.Span));
    }

    [Fact]
    public void Mask_IsTheBytewiseOne_AtEveryLength()
    {
        var random = new Random(1);
        for (int length = 0; length < 300; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            uint key = (uint)random.Next();
            byte[] wire = BitConverter.GetBytes(key);
            var masked = new byte[length];
            FrameMask.Apply(key, bytes, masked);
            Assert.Equal(bytes.Select((b, i) => (byte)(b ^ wire[i % 4])), masked);
        }
    }

    [Theory]
    [InlineData(WebSocketRole.Client, 1)]
    [InlineData(WebSocketRole.Server, 2)]
    public void RandomMessages_ComeOutAsTheyWentIn_HoweverTheyAreCut(WebSocketRole sender, int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            using var outgoing = new OutgoingFrames(sender);
            using var incoming = new IncomingFrames(sender == WebSocketRole.Client ? WebSocketRole.Server : WebSocketRole.Client, 200_000);
            var sent = new List<byte[]>();
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                var payload = new byte[random.Next(4) == 0 ? random.Next(140_000) : random.Next(300)];
                random.NextBytes(payload);
                sent.Add(payload);
                outgoing.Add(Opcode.Binary, new BytesPayload(payload));
            }

            var received = new List<byte[]>();
            while (outgoing.TryTake(out var wire))
            {
                Assert.InRange(wire.Length, 1, 64 * 1024);
                while (wire.Length > 0)
                {
                    var room = incoming.GetRoom();
                    int part = Math.Min(Math.Min(random.Next(1, 10_000), room.Length), wire.Length);
                    wire[..part].CopyTo(room);
                    incoming.Advance(part);
                    wire = wire[part..];
                    while (incoming.TryRead(out var message))
                        received.Add(message.Payload.ToArray());
                }

                outgoing.Wrote();
            }

            Assert.Null(incoming.Fault);
            Assert.Equal(sent, received);
            Assert.Equal(0, outgoing.Pending);
        }
    }

    [Fact]
    public void PromisedLength_CostsNoMemoryBeforeItArrives()
    {
        using var frames = new IncomingFrames(WebSocketRole.Client, 64 * 1024 * 1024);
        Feed(frames, Convert.FromHexString("827f0000000003000000"));
        Assert.False(frames.TryRead(out _));
        Assert.Null(frames.Fault);
        Assert.InRange(frames.GetRoom().Length, 1, 8192);
    }

    private static void Feed(IncomingFrames frames, byte[] bytes)
    {
        bytes.CopyTo(frames.GetRoom());
        frames.Advance(bytes.Length);
    }
}

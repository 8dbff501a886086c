using System.Net;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.Tests.WebRtc;

public sealed class OwnDatagramsTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.8.8", true)]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.8", false)]
    [InlineData("198.51.100.1", false)]
    [InlineData("::1", true)]
    [InlineData("2001:db8::7", true)]
    [InlineData("2001:db8::1", false)]
    [InlineData("::", false)]
    public void OnlyThisMachinesAddresses_AreLetThrough(string from, bool isTaken)
    {
        var inner = new Receiver();
        var own = new OwnDatagrams(inner);
        own.Know([IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")]);
        own.Receive(null!, [1, 2, 3], new IPEndPoint(IPAddress.Parse(from), 5000).Serialize());
        Assert.Equal(isTaken ? 1 : 0, inner.Count);
    }

    [Fact]
    public void AddressThatIsNotTheMachinesAnyMore_IsAStrangers()
    {
        var inner = new Receiver();
        var own = new OwnDatagrams(inner);
        own.Know([IPAddress.Parse("192.0.2.7")]);
        own.Know([]);
        own.Receive(null!, [1, 2, 3], new IPEndPoint(IPAddress.Parse("192.0.2.7"), 5000).Serialize());
        Assert.Equal(0, inner.Count);
    }

    private sealed class Receiver : IDatagramReceiver
    {
        public int Count { get; private set; }

        public void Receive(IDatagramEnd end, Span<byte> datagram, SocketAddress remote) => Count++;
    }
}

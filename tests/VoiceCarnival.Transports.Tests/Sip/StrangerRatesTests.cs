using System.Net;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class StrangerRatesTests
{
    [Fact]
    public void Flood_IsBounded_AndLeavesRoomForOthers()
    {
        var rates = new StrangerRates(100, 20);
        var flood = IPAddress.Parse("192.0.2.1");

        Assert.Equal(20, Enumerable.Range(0, 1000).Count(i => rates.TryTake(flood, i % 1000)));
        Assert.True(rates.TryTake(IPAddress.Parse("192.0.2.2"), 999));
        Assert.Equal(79, Enumerable.Range(0, 1000).Count(i => rates.TryTake(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 999)));
        Assert.True(rates.TryTake(flood, 1000));
    }
}

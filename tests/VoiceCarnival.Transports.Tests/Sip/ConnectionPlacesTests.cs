using System.Net;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class ConnectionPlacesTests
{
    private readonly ConnectionPlaces _places = new(100, 10);

    [Fact]
    public void OneAddress_HasItsShare_AndGetsItBack()
    {
        var address = IPAddress.Parse("192.0.2.1");

        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => _places.TryTake(address, isPeer: true)));
        _places.Leave(address, isPeer: true);
        Assert.True(_places.TryTake(address, isPeer: true));
        Assert.False(_places.TryTake(address, isPeer: true));
    }

    [Fact]
    public void Strangers_LeaveHalfToThoseWhomWeKnow()
    {
        Assert.Equal(50, Enumerable.Range(0, 1000).Count(i => _places.TryTake(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), isPeer: false)));

        Assert.Equal(50, Enumerable.Range(0, 1000).Count(i => _places.TryTake(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), isPeer: true)));
    }

    [Fact]
    public void NetworkOfOneHouse_IsOneCaller()
    {
        Assert.Equal(10, Enumerable.Range(1, 50).Count(i => _places.TryTake(IPAddress.Parse($"2001:db8:1:2::{i:x}"), isPeer: false)));
        Assert.True(_places.TryTake(IPAddress.Parse("2001:db8:1:3::1"), isPeer: false));

        var rates = new StrangerRates(1000, 20);
        Assert.Equal(20, Enumerable.Range(1, 100).Count(i => rates.TryTake(IPAddress.Parse($"2001:db8:1:2::{i:x}"), 0)));
    }

    [Fact]
    public void AddressInEitherForm_IsTheSame()
    {
        Assert.Equal(10, Enumerable.Range(0, 50).Count(i => _places.TryTake(IPAddress.Parse(i % 2 == 0 ? "::ffff:192.0.2.1" : "192.0.2.1"), isPeer: true)));
    }
}

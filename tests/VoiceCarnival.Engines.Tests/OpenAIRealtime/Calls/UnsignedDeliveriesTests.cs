using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Engines.OpenAIRealtime.Webhooks;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime.Calls;

public sealed class UnsignedDeliveriesTests
{
    [Fact]
    public void Many_AreToldOfOnceAMinute_WithTheirNumber()
    {
        var time = new FakeTimeProvider();
        var unsigned = new UnsignedDeliveries(time);
        Assert.Equal(1, unsigned.Count());
        for (int i = 0; i < 1000; i++)
            Assert.Null(unsigned.Count());
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1001, unsigned.Count());
        Assert.Null(unsigned.Count());
    }
}

using System.Net;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.FunctionalTests;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task EngineReady_BothAre200()
    {
        using var gateway = new Gateway();
        Assert.Equal("alive", (await Gateway.JsonOf(await gateway.Client.GetAsync("/healthz"))).GetProperty("status").GetString());
        var ready = await gateway.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("fake", (await Gateway.JsonOf(ready)).GetProperty("engine").GetString());
    }

    [Fact]
    public async Task EngineNotReady_Is503WithReasonWhileAlive()
    {
        using var gateway = new Gateway();
        gateway.Engine.Health = _ => new(new EngineHealth(false, "The model is still loading."));
        var response = await gateway.Client.GetAsync("/readyz");
        var error = await Gateway.ErrorOf(response, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("The model is still loading.", error.GetProperty("message").GetString());
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task EngineThatHangs_Is503InTime()
    {
        using var gateway = new Gateway();
        gateway.Engine.Health = _ => new(new TaskCompletionSource<EngineHealth>().Task);
        var response = await gateway.Client.GetAsync("/readyz").WaitAsync(TimeSpan.FromSeconds(20));
        var error = await Gateway.ErrorOf(response, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("2 seconds", error.GetProperty("message").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EngineThatThrows_Is503WithoutDetails()
    {
        using var gateway = new Gateway();
        gateway.Engine.Health = _ => throw new InvalidOperationException("secret detail");
        var response = await gateway.Client.GetAsync("/readyz");
        await Gateway.ErrorOf(response, HttpStatusCode.ServiceUnavailable);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}

using System.Text.Json;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>A gateway on the local engine for calls.</summary>
public sealed class LocalGateway : IDisposable
{
    private readonly Gateway _gateway;

    public LocalGateway()
        : this([])
    {
    }

    internal LocalGateway((string Key, string Value)[] settings) => _gateway = new Gateway(settings, localEngine: true);

    /// <summary>Calls it.</summary>
    public HttpClient Client => _gateway.Client;

    /// <summary>What is registered in it.</summary>
    internal IServiceProvider Services => _gateway.Services;

    /// <summary>The sessions that are open.</summary>
    public async Task<IReadOnlyList<JsonElement>> SessionsAsync() =>
        [.. (await Gateway.JsonOf(await Client.GetAsync("/api/sessions"))).GetProperty("sessions").EnumerateArray()];

    /// <summary>Waits until the open sessions are as they should be.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<JsonElement>, bool> condition)
    {
        for (int tries = 0; !condition(await SessionsAsync()); tries++)
        {
            Assert.True(tries < 600, "The sessions did not become what they should be.");
            await Task.Delay(50);
        }
    }

    public void Dispose() => _gateway.Dispose();
}

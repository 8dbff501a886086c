namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The whole server on a real port with the local engine.</summary>
public sealed class LocalGateway : IAsyncDisposable
{
    private readonly Gateway _gateway;

    public LocalGateway()
        : this([])
    {
    }

    internal LocalGateway(params (string Key, string Value)[] settings) => _gateway = new Gateway(settings, localEngine: true);

    public Uri Address => _gateway.Address;

    public HttpClient Client => _gateway.Client;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();
}

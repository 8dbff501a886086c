namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The local engine answers.</summary>
public sealed class LocalGateway : TalkingGateway
{
    private readonly Gateway _gateway;

    public LocalGateway()
        : this([])
    {
    }

    internal LocalGateway(params (string Key, string Value)[] settings) => _gateway = new Gateway(settings, localEngine: true);

    public override Uri Address => _gateway.Address;

    public override HttpClient Client => _gateway.Client;

    public override TalkingGateway With(params (string Key, string Value)[] settings) => new LocalGateway(settings);

    public override ValueTask DisposeAsync() => _gateway.DisposeAsync();
}

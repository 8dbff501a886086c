namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The OpenAI engine answers, and its OpenAI is a second server with the local engine.</summary>
public sealed class RelayedGateway : TalkingGateway
{
    private const string LocalSettings = "VoiceCarnival:Local:";
    private readonly Gateway _upstream;
    private readonly Gateway _gateway;

    public RelayedGateway()
        : this([])
    {
    }

    internal RelayedGateway(params (string Key, string Value)[] settings)
    {
        _upstream = new Gateway([("VoiceCarnival:Engine", "local"), .. settings.Where(s => s.Key.StartsWith(LocalSettings, StringComparison.Ordinal))], localEngine: true);
        _gateway = new Gateway(
            [
                ("VoiceCarnival:Engine", "openai"),
                ("VoiceCarnival:OpenAI:BaseUrl", new Uri(_upstream.Address, "/v1").ToString()),
                ("VoiceCarnival:OpenAI:ApiKey", "sk-any"),
                ("VoiceCarnival:OpenAI:Voice", "alloy"),
                .. settings.Where(s => !s.Key.StartsWith(LocalSettings, StringComparison.Ordinal)),
            ], localEngine: true);
    }

    public override Uri Address => _gateway.Address;

    public override HttpClient Client => _gateway.Client;

    public override TalkingGateway With(params (string Key, string Value)[] settings) => new RelayedGateway(settings);

    public override async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}

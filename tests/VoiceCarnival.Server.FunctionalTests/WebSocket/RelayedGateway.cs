using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The OpenAI engine answers, and its OpenAI is a second server with the local engine.</summary>
public sealed class RelayedGateway : TalkingGateway
{
    private const string LocalSettings = "VoiceCarnival:Local:";
    private readonly Gateway _upstream;
    private readonly Gateway _gateway;

    /// <summary>The line between the two servers.</summary>
    public BreakableLine Line { get; }

    public RelayedGateway()
        : this([])
    {
    }

    internal RelayedGateway(params (string Key, string Value)[] settings)
    {
        _upstream = new Gateway([("VoiceCarnival:Engine", "local"), .. settings.Where(s => s.Key.StartsWith(LocalSettings, StringComparison.Ordinal))], localEngine: true);
        Line = new BreakableLine(_upstream.Address.Port);
        _gateway = new Gateway(
            [
                ("VoiceCarnival:Engine", "openai"),
                ("VoiceCarnival:OpenAI:BaseUrl", $"http://127.0.0.1:{Line.Port}/v1"),
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
        await Line.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}

using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>The server with the local engine, for phones.</summary>
internal sealed class PhoneGateway : IAsyncDisposable
{
    private readonly string? _script;

    private PhoneGateway(Gateway gateway, int port, string? script) => (Gateway, Port, _script) = (gateway, port, script);

    public Gateway Gateway { get; }

    public int Port { get; }

    /// <param name="script">Turns of a script for the local engine; null for its echo.</param>
    /// <param name="settings">Further settings below <c>VoiceCarnival:Sip</c>.</param>
    public static Task<PhoneGateway> OpenAsync(string? script = null, params (string Key, string Value)[] settings) => StartAsync(null, script, settings);

    /// <param name="services">Puts others in the place of the server's own.</param>
    /// <param name="settings">Further settings below <c>VoiceCarnival:Sip</c>.</param>
    public static Task<PhoneGateway> OpenWithAsync(Action<IServiceCollection> services, params (string Key, string Value)[] settings) => StartAsync(services, null, settings);

    private static async Task<PhoneGateway> StartAsync(Action<IServiceCollection>? services, string? script, (string Key, string Value)[] settings)
    {
        string? file = null;
        if (script is not null)
        {
            file = Path.GetTempFileName();
            await File.WriteAllTextAsync(file, $$"""{"turns":[{{script}}]}""");
        }

        var gateway = new Gateway(
        [
            ("VoiceCarnival:Sip:Enabled", "true"), ("VoiceCarnival:Sip:Port", "0"), ("VoiceCarnival:Sip:Greets", script is null ? "false" : "true"),
            ("VoiceCarnival:Local:Brain", script is null ? "echo" : "script"), ("VoiceCarnival:Local:Script", file ?? ""),
            .. settings.Select(setting => ("VoiceCarnival:Sip:" + setting.Key, setting.Value)),
        ], services, localEngine: true);
        var sip = await Gateway.JsonOf(await gateway.Client.GetAsync("/api/sip"));
        return new PhoneGateway(gateway, int.Parse(sip.GetProperty("address").GetString()!.Split(':')[^1], null), file);
    }

    public async Task<JsonElement> CallAsync()
    {
        var calls = (await Gateway.JsonOf(await Gateway.Client.GetAsync("/api/sip/calls"))).GetProperty("calls");
        return calls[calls.GetArrayLength() - 1];
    }

    /// <summary>The last call, once it is in a state.</summary>
    public async Task<JsonElement> UntilAsync(string state, int? status = null)
    {
        for (int i = 0; i < 600; i++)
        {
            if (await CallAsync() is var call && call.GetProperty("state").GetString() == state && (status is null || call.GetProperty("status").GetInt32() == status))
                return call;
            await Task.Delay(50);
        }

        throw new InvalidOperationException($"The call never was {state}, but {await CallAsync()}");
    }

    /// <summary>Listens in on the last call.</summary>
    public async Task<RealtimeTestClient> ListenAsync()
    {
        string id = (await CallAsync()).GetProperty("id").GetString()!;
        return await RealtimeTestClient.ConnectAsync(Gateway.Address, "call_id=" + id);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        if (_script is not null)
            File.Delete(_script);
    }
}

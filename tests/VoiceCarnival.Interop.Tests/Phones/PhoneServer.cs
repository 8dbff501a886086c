using System.Net.Http.Json;
using System.Text.Json;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>A server that takes phone calls, as a process of its own.</summary>
internal sealed class PhoneServer : IAsyncDisposable
{
    private readonly ServerProcess _process;
    private readonly HttpClient _http;

    private PhoneServer(ServerProcess process, int port, int tlsPort)
    {
        (_process, Port, TlsPort) = (process, port, tlsPort);
        _http = new HttpClient { BaseAddress = process.Address };
    }

    public Uri Address => _process.Address;

    public int Port { get; }

    public int TlsPort { get; }

    /// <summary>Starts one with the local engine's echo.</summary>
    /// <param name="certificate">For TLS; null for none.</param>
    /// <param name="settings">Settings over the usual ones.</param>
    public static async Task<PhoneServer> StartAsync(TestCertificate? certificate = null, params (string Key, string Value)[] settings)
    {
        int port = PhoneProgram.FreePort(), tlsPort = PhoneProgram.FreePort();
        (string, string)[] tls = certificate is null ? [] :
            [("VoiceCarnival:Sip:Certificate", certificate.PfxPath), ("VoiceCarnival:Sip:CertificatePassword", TestCertificate.Password), ("VoiceCarnival:Sip:Authorities", certificate.PemPath)];
        (string Key, string Value)[] usual =
        [
            ("VoiceCarnival:Engine", "local"), ("VoiceCarnival:Local:Brain", "echo"), ("VoiceCarnival:Local:Echo", "audio"), ("VoiceCarnival:Local:VoiceActivity", "energy"),
            ("VoiceCarnival:Sip:Enabled", "true"), ("VoiceCarnival:Sip:Port", $"{port}"), ("VoiceCarnival:Sip:TlsPort", $"{tlsPort}"), ("VoiceCarnival:Sip:Greets", "false"),
            .. tls,
        ];
        var process = await ServerProcess.StartAsync([.. usual.ExceptBy(settings.Select(setting => setting.Key), setting => setting.Key), .. settings]);
        return new PhoneServer(process, port, tlsPort);
    }

    /// <summary>The phone calls that the server knows of.</summary>
    public async Task<JsonElement[]> CallsAsync() => [.. (await GetAsync("/api/sip/calls")).GetProperty("calls").EnumerateArray()];

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await _http.GetStringAsync(path)).RootElement.Clone();

    /// <summary>Has it call somebody.</summary>
    /// <returns>The call's id.</returns>
    public async Task<string> CallAsync(string to, object? more = null)
    {
        var fields = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        fields["to"] = to;
        using var answer = await _http.PostAsJsonAsync("/api/sip/calls", fields);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Follows a call's events until one of a state, and returns all up to there.</summary>
    public async Task<List<string>> UntilAsync(string callId, string state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(await _http.GetStreamAsync($"/api/sip/calls/{callId}/events", limit.Token));
        var states = new List<string>();
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith("event: ", StringComparison.Ordinal))
                continue;
            states.Add(line["event: ".Length..]);
            if (states[^1] == state)
                return states;
        }

        throw new InvalidOperationException($"The call never was {state}: {string.Join(", ", states)}");
    }

    public Task<string> LadderAsync(string callId) => _http.GetStringAsync($"/api/sip/calls/{callId}/ladder");

    public async Task HangUpAsync(string callId) => (await _http.DeleteAsync($"/api/sip/calls/{callId}")).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}

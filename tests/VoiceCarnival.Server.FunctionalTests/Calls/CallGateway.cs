using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Testing.OpenAI;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>A server whose OpenAI is the fake one.</summary>
internal sealed class CallGateway : IAsyncDisposable
{
    public const string Offer = "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
    public const string BackendKey = "correct-horse-battery-staple";
    private readonly Gateway _gateway;

    private CallGateway(FakeOpenAI service, Gateway gateway)
    {
        Service = service;
        _gateway = gateway;
    }

    public FakeOpenAI Service { get; }

    public HttpClient Client => _gateway.Client;

    public Uri Address => _gateway.Address;

    public IServiceProvider Services => _gateway.Services;

    public static Task<CallGateway> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, settings);

    public static async Task<CallGateway> StartAsync(Action<IServiceCollection>? services, params (string Key, string Value)[] settings)
    {
        var service = await FakeOpenAI.StartAsync();
        return new CallGateway(service, new Gateway(
            [
                ("VoiceCarnival:Engine", "openai"),
                ("VoiceCarnival:OpenAI:BaseUrl", service.BaseUrl),
                ("VoiceCarnival:OpenAI:ApiKey", FakeOpenAI.ApiKey),
                ("VoiceCarnival:OpenAI:WebhookSecret", FakeOpenAI.WebhookSecret),
                ("VoiceCarnival:Access:ApiKeys:0:Name", "backend"),
                ("VoiceCarnival:Access:ApiKeys:0:Key", BackendKey),
                .. settings,
            ], services, localEngine: true));
    }

    /// <summary>Posts an offer, raw or with session fields.</summary>
    public Task<HttpResponseMessage> CallAsync(string? session = null, string? bearer = null, string query = "")
    {
        HttpContent sdp = new StringContent(Offer);
        sdp.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        HttpContent content = sdp;
        if (session is not null)
        {
            content = new MultipartFormDataContent { { sdp, "sdp" }, { new StringContent(session, Encoding.UTF8, "application/json"), "session" } };
        }

        return PostAsync("/v1/realtime/calls" + query, content, bearer);
    }

    /// <summary>Starts a call that must work; returns its id.</summary>
    public async Task<string> StartCallAsync(string? session = null, string? bearer = null)
    {
        using var response = await CallAsync(session, bearer);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.Created, body);
        return response.Headers.Location!.OriginalString.Split('/')[^1];
    }

    public Task<HttpResponseMessage> PostAsync(string path, string? json = null, string? bearer = null) =>
        PostAsync(path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), bearer);

    public async Task<string> MintAsync(string body = "{}")
    {
        using var response = await PostAsync("/api/ephemeral-token", body);
        return (await Gateway.JsonOf(response)).GetProperty("value").GetString()!;
    }

    public async Task<JsonElement[]> SessionsAsync()
    {
        using var response = await Client.GetAsync("/api/sessions");
        return [.. (await Gateway.JsonOf(response)).GetProperty("sessions").EnumerateArray()];
    }

    public async Task<HttpResponseMessage> DeliverAsync(string body, string id = "wh_1", DateTimeOffset? at = null, string secret = FakeOpenAI.WebhookSecret)
    {
        using var request = FakeOpenAI.Delivery(Address, body, id, at, secret);
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await Service.DisposeAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string path, HttpContent? content, string? bearer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return await Client.SendAsync(request);
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>
/// One server takes calls as OpenAI's hosted SIP does, another handles its webhooks with the code that handles OpenAI's: two processes, and sipp calls the first.
/// </summary>
public sealed class HostedSipTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task Call_IsAnnounced_Accepted_ReferredAndHungUp_ByTheOtherServer()
    {
        PhoneProgram.Require("sipp");
        await using var servers = await HostedServers.StartAsync();
        await using var sipp = Sipp.Call(servers.Service.Port, "u1", 1, null, "-s", "proj_abc", "-d", "20000");

        var session = await servers.SessionAsync();
        Assert.Equal("sip-hosted", session.GetProperty("transport").GetString());
        string call = session.GetProperty("call_id").GetString()!;
        Assert.Equal(call, Assert.Single(await servers.Service.CallsAsync()).GetProperty("id").GetString());
        for (int i = 0; (await servers.Service.GetAsync("/api/sessions")).GetProperty("sessions")[0].GetProperty("sidebands").GetInt32() == 0; i++)
        {
            Assert.True(i < 400, "The application never listened in.");
            await Task.Delay(50);
        }

        Assert.True((await servers.ActAsync(call, "refer", new { target_uri = "tel:+14155550123" })).IsSuccessStatusCode);
        Assert.True((await servers.ActAsync(call, "hangup", new { })).IsSuccessStatusCode);
        await sipp.EndsAsync();
        string ladder = await servers.Service.LadderAsync(call);
        Assert.Contains("REFER", ladder);
        Assert.Contains("BYE", ladder);
    }

    [Fact]
    public async Task Call_IsRejected_WithTheStatusOfTheRoute()
    {
        PhoneProgram.Require("sipp");
        await using var servers = await HostedServers.StartAsync(("VoiceCarnival:OpenAI:Calls:DefaultAction", "reject"), ("VoiceCarnival:OpenAI:Calls:Routes:0:Action", "reject"),
            ("VoiceCarnival:OpenAI:Calls:Routes:0:StatusCode", "486"), ("VoiceCarnival:OpenAI:Calls:Routes:0:Match:To", "*proj_abc*"));
        await using var sipp = Sipp.Call(servers.Service.Port, "u1", 1, null, "-s", "proj_abc");

        Assert.NotEqual(0, await sipp.EndsAsync());

        Assert.Contains("SIP/2.0 486", sipp.Messages);
    }

    private sealed class HostedServers(PhoneServer service, ServerProcess application) : IAsyncDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = application.Address };

        /// <summary>The one that takes calls.</summary>
        public PhoneServer Service => service;

        public static async Task<HostedServers> StartAsync(params (string, string)[] settings)
        {
            int port = ServerProcess.FreePort();
            var service = await PhoneServer.StartAsync(null,
                ("VoiceCarnival:Sip:Hosted:Projects:0", "proj_*"), ("VoiceCarnival:Sip:Hosted:WebhookUrl", $"http://127.0.0.1:{port}/webhooks/openai"),
                ("VoiceCarnival:Sip:Hosted:WebhookSecret", Secret));
            var application = await ServerProcess.StartAtAsync(port,
            [
                ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "v1").ToString()), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"),
                ("VoiceCarnival:OpenAI:WebhookSecret", Secret), ("VoiceCarnival:OpenAI:Voice", "alloy"), ("VoiceCarnival:Sip:Enabled", "false"), .. settings,
            ]);
            return new HostedServers(service, application);
        }

        /// <summary>The session of the call at the server that handles it, once there is one.</summary>
        public async Task<JsonElement> SessionAsync()
        {
            for (int i = 0; i < 600; i++)
            {
                var sessions = JsonDocument.Parse(await _http.GetStringAsync("/api/sessions")).RootElement.GetProperty("sessions");
                if (sessions.GetArrayLength() == 1)
                    return sessions[0].Clone();
                await Task.Delay(50);
            }

            throw new InvalidOperationException("There never was a session.");
        }

        public Task<HttpResponseMessage> ActAsync(string call, string action, object body) => _http.PostAsJsonAsync($"/v1/realtime/calls/{call}/{action}", body);

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await application.DisposeAsync();
            await service.DisposeAsync();
        }
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Calls that an application decides on, announced to it as OpenAI does.</summary>
public sealed class SipHostedTests : IDisposable
{
    private readonly HttpListener _webhook = new();
    private readonly string _url;

    public SipHostedTests()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        _url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        free.Stop();
        _webhook.Prefixes.Add(_url);
        _webhook.Start();
    }

    [Fact]
    public async Task CallersWhoGiveUpWhileTheApplicationAccepts_LeaveNothingBehind()
    {
        // Room for two: what stays behind is missed at once.
        await using var phones = await OpenAsync(("FirstMediaPort", "31000"), ("LastMediaPort", "31003"));
        using var phone = new SipPhone(phones.Port, "proj_a");
        for (int i = 0; i < 20; i++)
        {
            phone.Restart();
            await phone.SendAsync("INVITE", 1, phone.Sdp());
            string id = Text(await AnnouncedAsync(), "call_id");
            var accepting = phones.Gateway.Client.PostAsJsonAsync($"/v1/realtime/calls/{id}/accept", new { type = "realtime" });
            if (i % 2 == 1)
                await Task.Yield();
            await phone.SendAsync("CANCEL", 1);
            var accepted = await accepting;
            Assert.True(accepted.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.BadRequest, accepted.StatusCode.ToString());
            // Of the two answers one is that to the CANCEL.
            int status = Math.Max((await phone.ReceiveAsync()).Status, (await phone.ReceiveAsync()).Status);
            if (status == 200)
            {
                await phone.SendAsync("ACK", 1);
                await phone.SendAsync("BYE", 2);
                await phone.ReceiveAsync();
            }
            else
            {
                Assert.Equal(487, status);
            }

            await phones.UntilAsync("ended");
        }

        for (int i = 0; i < 200 && await SessionsAsync(phones) > 0; i++)
            await Task.Delay(50);
        Assert.Equal(0, await SessionsAsync(phones));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Application_IsToldOfTheCaller_WhatThoseWhoMaySayItSay(bool isTrusted)
    {
        await using var phones = await OpenAsync(isTrusted ? [("Peers:0", "127.0.0.1")] : [("Accounts:0:User", "desk"), ("Accounts:0:Password", "secret")]);
        using var phone = new SipPhone(phones.Port, "proj_a");
        phone.MoreHeaders = "P-Asserted-Identity: <sip:boss@example.com>\r\nX-Order: 17\r\n";
        await phone.SendAsync("INVITE", 1, phone.Sdp());
        if (!isTrusted)
        {
            var challenge = await phone.ReceiveAsync();
            phone.Restart();
            phone.MoreHeaders += SipDigest.Authorize(challenge, "desk", "secret", $"sip:proj_a@127.0.0.1:{phones.Port}");
            await phone.SendAsync("INVITE", 2, phone.Sdp());
        }

        var headers = (await AnnouncedAsync()).GetProperty("sip_headers").EnumerateArray().Select(header => Text(header, "name")).ToList();

        Assert.Contains("X-Order", headers);
        Assert.Equal(isTrusted, headers.Contains("P-Asserted-Identity"));
        Assert.DoesNotContain("Authorization", headers);
    }

    public void Dispose() => _webhook.Close();

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString()!;

    private static async Task<int> SessionsAsync(PhoneGateway phones) =>
        (await Gateway.JsonOf(await phones.Gateway.Client.GetAsync("/api/sessions"))).GetProperty("sessions").GetArrayLength();

    private Task<PhoneGateway> OpenAsync(params (string Key, string Value)[] settings) => PhoneGateway.OpenAsync(
        null, [("Hosted:Projects:0", "proj_*"), ("Hosted:WebhookUrl", _url), ("Hosted:WebhookSecret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), .. settings]);

    private async Task<JsonElement> AnnouncedAsync()
    {
        var request = await _webhook.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(30));
        var body = await JsonDocument.ParseAsync(request.Request.InputStream);
        request.Response.Close();
        return body.RootElement.GetProperty("data").Clone();
    }
}

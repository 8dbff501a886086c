using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The page's media go straight to the service, here a second VoiceCarnival on its local engine; the gateway that served the page keeps its hand on the call.</summary>
public sealed class DirectWebRtcTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task CallPastTheGateway_IsHeard_KnownToTheGateway_AndEndsWhenItSaysSo()
    {
        await using var service = await ServerProcess.StartAsync(("VoiceCarnival:Engine", "local"), ("VoiceCarnival:Access:AllowedOrigins:0", "*"));
        await using var gateway = await ServerProcess.StartAsync(
            ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:ApiKey", "sk-of-the-test"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "v1").ToString()));
        await using var page = await fixture.OpenAsync(new Uri(gateway.Address, "?transport=webrtc-direct"));
        var offers = new List<Uri>();
        page.Page.Request += (_, request) =>
        {
            if (request.Method == "POST" && request.Url.EndsWith("/calls", StringComparison.Ordinal))
                offers.Add(new Uri(request.Url));
        };

        // 1. The offer goes to the service, the report to the gateway; then one hears oneself.
        await page.StartCallAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Equal([service.Address.Authority, gateway.Address.Authority], offers.Select(offer => offer.Authority));
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#view-line")).ToContainTextAsync("to the service, direct, UDP");

        // 2. The gateway has it among its sessions and hears its events.
        using var client = new HttpClient { BaseAddress = gateway.Address };
        using var sessions = JsonDocument.Parse(await client.GetStringAsync("/api/sessions"));
        var session = Assert.Single(sessions.RootElement.GetProperty("sessions").EnumerateArray());
        Assert.Equal("webrtc-direct", session.GetProperty("transport").GetString());
        Assert.True(session.GetProperty("turns").GetInt32() > 0, "the gateway saw no turn");

        // 3. What the operator ends there is over here.
        (await client.PostAsync($"/v1/realtime/calls/{session.GetProperty("call_id").GetString()}/hangup", null)).EnsureSuccessStatusCode();
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("The call was ended");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task SwitchToTheDirectWayInMidCall_TheAgentIsToldWhatWasSaid_AndNoSessionIsLeftBehind()
    {
        await using var service = await ServerProcess.StartAsync(("VoiceCarnival:Engine", "local"), ("VoiceCarnival:Access:AllowedOrigins:0", "*"));
        await using var gateway = await ServerProcess.StartAsync(
            ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:ApiKey", "sk-of-the-test"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "v1").ToString()));
        await using var page = await fixture.OpenAsync(gateway.Address);
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.TypeAsync("remember the bottles");
        await Assertions.Expect(page.CaptionOf("assistant", "remember the bottles")).ToBeVisibleAsync();

        await page.Page.GetByTestId("transport-select").SelectOptionAsync("webrtc-direct");
        await Assertions.Expect(page.CaptionOf("divider", "reached another way")).ToBeVisibleAsync();
        await Assertions.Expect(page.CaptionOf("user", "remember the bottles")).ToHaveCountAsync(1);
        await page.TypeAsync("and the glasses");
        await Assertions.Expect(page.CaptionOf("assistant", "and the glasses")).ToBeVisibleAsync();
        using var client = new HttpClient { BaseAddress = gateway.Address };
        using var sessions = JsonDocument.Parse(await client.GetStringAsync("/api/sessions"));
        Assert.Equal("webrtc-direct", Assert.Single(sessions.RootElement.GetProperty("sessions").EnumerateArray()).GetProperty("transport").GetString());
        Assert.Empty(page.Errors);
    }
}

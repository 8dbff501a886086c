namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Linphone is called by us: its To has no brackets, its events suspend the audio, it offers telephone-event for three clocks.</summary>
public sealed class LinphoneTests
{
    [Theory]
    [InlineData("PCMU", 8000, 0.98)]
    [InlineData("opus", 48_000, 0.8)] // keeps how it sounds rather than the shape, and does so twice
    public async Task Callee_IsHeard_AndHungUp(string codec, int rate, double likeness)
    {
        PhoneProgram.Require("linphonec");
        await using var phone = await Linphone.StartAsync(SpokenWords.Narrow.WithPauses(20), codec, rate);
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Destinations:0", "*@127.0.0.1"));

        string call = await server.CallAsync($"sip:linphone@127.0.0.1:{phone.Port}");
        await server.UntilAsync(call, "answered");
        for (int i = 0; (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("media") is var media; i++)
        {
            if (media.ValueKind == System.Text.Json.JsonValueKind.Object && media.GetProperty("packets_received").GetInt64() > 400)
                break; // its words, and what came back
            Assert.True(i < 400, "It says nothing.");
            await Task.Delay(50);
        }

        Assert.Equal(codec, (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("media").GetProperty("codec").GetString());
        await server.HangUpAsync(call);
        await server.UntilAsync(call, "ended");
        await phone.SaysAsync("ended");
        await phone.QuitAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), likeness, 1);
        Assert.Contains("200 Ok (", await server.LadderAsync(call), StringComparison.OrdinalIgnoreCase);
    }
}

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Linphone is called by us: its To has no brackets, its events suspend the audio, it offers telephone-event for three clocks.</summary>
public sealed class LinphoneTests
{
    [Fact]
    public async Task Callee_IsHeard_AndHungUp()
    {
        PhoneProgram.Require("linphonec");
        await using var phone = await Linphone.StartAsync(SpokenWords.Narrow.WithPauses(20));
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Destinations:0", "*@127.0.0.1"));

        string call = await server.CallAsync($"sip:linphone@127.0.0.1:{phone.Port}");
        await server.UntilAsync(call, "answered");
        for (int i = 0; (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("media") is var media; i++)
        {
            if (media.ValueKind == System.Text.Json.JsonValueKind.Object && media.GetProperty("packets_received").GetInt64() > 100)
                break;
            Assert.True(i < 400, "It says nothing.");
            await Task.Delay(50);
        }

        await server.HangUpAsync(call);
        await server.UntilAsync(call, "ended");
        await phone.SaysAsync("ended");
        await phone.QuitAsync();
        double likeness = SpokenWords.Narrow.LikenessIn(phone.Heard());
        Assert.True(likeness > 0.9, $"{likeness}");
        Assert.Contains("200 Ok (", await server.LadderAsync(call), StringComparison.OrdinalIgnoreCase);
    }
}

using System.Text.Json;
using VoiceCarnival.Testing.Realtime;
using static VoiceCarnival.Server.FunctionalTests.WebSocket.MoodyService;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>What the caller is told when the service behind us is there, and is of no use.</summary>
public sealed class MoodyServiceTests
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task ServiceThatSaysNothing_IsAnErrorAfterTheTimeForConnecting()
    {
        await using var service = await StartAsync((socket, _) => ListenAsync(socket));
        await using var gateway = service.Before(("VoiceCarnival:OpenAI:ConnectSeconds", "1"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        Assert.Equal("upstream_silent", (await client.ExpectAsync("error")).Text("error.code"));
        await client.WaitForCloseAsync();
        Assert.Equal(1, service.Connections);
    }

    [Fact]
    public async Task ServiceThatBreaksBeforeItsGreeting_IsTriedAgain_AndTheCallerSeesOneSession()
    {
        await using var service = await StartAsync(async (socket, number) =>
        {
            if (number == 0)
                await BreakAsync(socket);
            else
                await SayAsync(socket, Created);
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        Assert.Equal(2, service.Connections);
    }

    [Fact]
    public async Task ServiceThatBreaksAgainAndAgain_IsTriedMoreAndMoreSeldom_AndNotForEver()
    {
        await using var service = await StartAsync(async (socket, _) =>
        {
            await SayAsync(socket, Created);
            await BreakAsync(socket);
            await ListenAsync(socket);
        });
        await using var gateway = service.Before(("VoiceCarnival:OpenAI:ReconnectSeconds", "3"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        Assert.Equal("upstream_lost", (await client.WaitForAsync("error")).Text("error.code"));
        await client.WaitForCloseAsync();
        // 1 at first, and then after 0, 0.25, 0.5, 1 and 2 seconds, half of that at least.
        Assert.InRange(service.Connections, 2, 7);
    }

    [Fact]
    public async Task ServiceThatRefusesTheOperatorsFields_EndsTheSession_RatherThanGoOnWithoutThem()
    {
        await using var service = await StartAsync(async (socket, _) =>
        {
            await SayAsync(socket, Created);
            using var update = JsonDocument.Parse(await HearAsync(socket, "session.update"));
            await SayAsync(socket, """{"type":"error","event_id":"event_2","error":{"type":"invalid_request_error","code":"invalid_value","message":"No such voice for sk-abcdefgh.","param":"session.audio.output.voice","event_id":"ID"}}"""
                .Replace("ID", update.RootElement.GetProperty("event_id").GetString(), StringComparison.Ordinal));
            await ListenAsync(socket);
        });
        await using var gateway = service.Before(("VoiceCarnival:OpenAI:Voice", "nosuch"), ("VoiceCarnival:Policy:Instructions", "Be kind."));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        var error = await client.WaitForAsync("error");
        Assert.Equal("invalid_value", error.Text("error.code"));
        Assert.Equal("No such voice for ***.", error.Text("error.message"));
        await client.WaitForCloseAsync();
        Assert.Equal(1, service.Connections);
    }

    [Fact]
    public async Task CallersOwnMistake_DoesNotEndTheSession_AndShowsNoKey()
    {
        await using var service = await StartAsync(async (socket, _) =>
        {
            await SayAsync(socket, Created);
            await HearAsync(socket, "\"mine\"");
            await SayAsync(socket, """{"type":"error","event_id":"event_2","error":{"type":"invalid_request_error","code":"unknown_parameter","message":"Not with sk-abcdefgh.","param":null,"event_id":"mine"}}""");
            await SayAsync(socket, """{"type":"rate_limits.updated","event_id":"event_3","rate_limits":[]}""");
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","event_id":"mine","session":{"type":"realtime","nonsense":1}}""");
        Assert.Equal("Not with ***.", (await client.ExpectAsync("error")).Text("error.message"));
        await client.ExpectAsync("rate_limits.updated");
    }

    [Theory]
    [InlineData(400_000, null)]
    [InlineData(2_000_000, "upstream_away")]
    public async Task LargeItemThatIsLostWithItsConnection_IsSentAgain_OrItsCallerIsTold(int length, string? code)
    {
        await using var service = await StartAsync(async (socket, number) =>
        {
            await SayAsync(socket, Created);
            if (number > 0)
            {
                await HearAsync(socket, "input_audio_buffer.clear");
                await SayAsync(socket, """{"type":"input_audio_buffer.cleared","event_id":"event_2"}""");
            }

            string first = await HearAsync(socket, "\"event_id\"");
            if (number == 0)
            {
                await HearAsync(socket, "\"small\"");
                await BreakAsync(socket);
            }
            else
            {
                await SayAsync(socket, first.Contains("\"large\"", StringComparison.Ordinal)
                    ? """{"type":"conversation.item.added","event_id":"event_3","previous_item_id":null,"item":{"id":"item_1","type":"message","role":"user","content":[]}}"""
                    : """{"type":"rate_limits.updated","event_id":"event_3","rate_limits":[]}""");
            }

            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"conversation.item.create","event_id":"large","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"LONG"}]}}"""
            .Replace("LONG", new string('A', length), StringComparison.Ordinal));
        await client.SendAsync("""{"type":"conversation.item.delete","event_id":"small","item_id":"item_0"}""");
        if (code is not null)
        {
            var error = await client.ExpectAsync("error");
            Assert.Equal((code, "large"), (error.Text("error.code"), error.Text("error.event_id")));
        }

        await client.ExpectAsync("voicecarnival.session.resumed");
        await client.ExpectAsync(code is null ? "conversation.item.added" : "rate_limits.updated");
    }

    [Fact]
    public async Task ServiceThatBreaksRightAfterItTookTheConversation_IsNotGoneOnWith()
    {
        await using var service = await StartAsync(async (socket, number) =>
        {
            await SayAsync(socket, Created);
            if (number > 0)
            {
                await HearAsync(socket, "input_audio_buffer.clear");
                await SayAsync(socket, """{"type":"input_audio_buffer.cleared","event_id":"event_2"}""");
            }

            if (number != 1)
                await HearAsync(socket, "\"mine\"");
            if (number < 2)
                await BreakAsync(socket);
            else
                await SayAsync(socket, """{"type":"rate_limits.updated","event_id":"event_3","rate_limits":[]}""");
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","event_id":"mine","session":{"type":"realtime","instructions":"Be brief."}}""");
        await client.WaitForAsync("rate_limits.updated");
        Assert.Equal(3, service.Connections);
    }

    [Fact]
    public async Task BrokenInMidAnswer_CallerWhoAsksAtItsEnd_IsAnsweredToThat_AndTheBrokenOneIsNotAskedForAsWell()
    {
        var asked = new List<string>();
        await using var service = await StartAsync(async (socket, number) =>
        {
            await SayAsync(socket, Created);
            if (number == 0)
            {
                await HearAsync(socket, "response.create");
                await SayAsync(socket, """{"type":"response.created","event_id":"event_2","response":{"id":"resp_1","object":"realtime.response","status":"in_progress","output":[],"conversation_id":"conv"}}""");
                await BreakAsync(socket);
                await ListenAsync(socket);
                return;
            }

            await HearAsync(socket, "input_audio_buffer.clear");
            // Its end was told by now; the caller asks again before the new upstream is in use.
            await _asked.Task;
            await SayAsync(socket, """{"type":"input_audio_buffer.cleared","event_id":"event_3"}""");
            asked.Add(await HearAsync(socket, "conversation.item.create"));
            asked.Add(await HearAsync(socket, "response.create"));
            await SayAsync(socket, """{"type":"rate_limits.updated","event_id":"event_4","rate_limits":[]}""");
            asked.Add(await HearAsync(socket, "\"last\""));
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"response.create","event_id":"first"}""");
        Assert.Equal("incomplete", (await client.WaitForAsync("response.done")).Text("response.status"));
        await client.SendAsync("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"And now?"}]}}""");
        await client.SendAsync("""{"type":"response.create","event_id":"second"}""");
        _asked.SetResult();
        await client.WaitForAsync("rate_limits.updated");
        await client.SendAsync("""{"type":"session.update","event_id":"last","session":{"type":"realtime"}}""");
        Assert.True(SpinWait.SpinUntil(() => asked.Count == 3, TimeSpan.FromSeconds(30)));
        Assert.Contains("And now?", asked[0]);
        Assert.Contains("second", asked[1]);
        Assert.Contains("session.update", asked[2]);
    }

    [Fact]
    public async Task KeyThatIsRevokedInMidSession_IsToldAsWhatItIs_AndNotTriedAgain()
    {
        await using var service = await StartAsync(async (socket, number) =>
        {
            if (number == 0)
            {
                await SayAsync(socket, Created);
                await HearAsync(socket, "mine");
                await BreakAsync(socket);
                await ListenAsync(socket);
                return;
            }

            await SayAsync(socket, """{"type":"error","event_id":"event_2","error":{"type":"invalid_request_error","code":"invalid_api_key","message":"Incorrect API key provided: sk-abcdefgh.","param":null,"event_id":null}}""");
            await socket.CloseOutputAsync((System.Net.WebSockets.WebSocketCloseStatus)3000, "invalid_request_error.invalid_api_key", CancellationToken.None);
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","event_id":"mine","session":{"type":"realtime"}}""");

        var error = await client.WaitForAsync("error");
        Assert.Equal("invalid_api_key", error.Text("error.code"));
        Assert.DoesNotContain("abcdefgh", error.Text("error.message"));
        Assert.Equal((System.Net.WebSockets.WebSocketCloseStatus)3000, await client.WaitForCloseAsync());
        Assert.Equal(2, service.Connections);
    }

    [Fact]
    public async Task ReplayWhoseSettingsWereRefused_OwnFieldsAreSetAlone_AndTheCallersNextUpdateIsAnsweredOnce()
    {
        const string Updated = """{"type":"session.updated","event_id":"event_ID","session":{"type":"realtime","object":"realtime.session","id":"sess_theirs","model":"m","output_modalities":["audio"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000}},"output":{"format":{"type":"audio/pcm","rate":24000},"voice":"marin"}}}}""";
        var heardAgain = new List<string>();
        await using var service = await StartAsync(async (socket, number) =>
        {
            await SayAsync(socket, Created);
            // 1. Our own fields; the second time the whole session first, which it refuses.
            string first = await HearAsync(socket, "session.update");
            if (number > 0)
            {
                using var replayed = JsonDocument.Parse(first);
                await HearAsync(socket, "input_audio_buffer.clear");
                await SayAsync(socket, """{"type":"error","event_id":"event_2","error":{"type":"invalid_request_error","code":"invalid_value","message":"Not again.","param":null,"event_id":"ID"}}"""
                    .Replace("ID", replayed.RootElement.GetProperty("event_id").GetString(), StringComparison.Ordinal));
                await SayAsync(socket, """{"type":"input_audio_buffer.cleared","event_id":"event_3"}""");
                heardAgain.Add(await HearAsync(socket, "session.update"));
            }

            await SayAsync(socket, Updated.Replace("ID", "own", StringComparison.Ordinal));
            // 2. The caller's.
            await HearAsync(socket, number == 0 ? "\"one\"" : "\"two\"");
            await SayAsync(socket, Updated.Replace("ID", number == 0 ? "of_one" : "of_two", StringComparison.Ordinal));
            if (number == 0)
                await BreakAsync(socket);
            else
                await SayAsync(socket, """{"type":"rate_limits.updated","event_id":"event_4","rate_limits":[]}""");
            await ListenAsync(socket);
        });
        await using var gateway = service.Before(("VoiceCarnival:Policy:Instructions", "Be kind."));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","event_id":"one","session":{"type":"realtime","max_output_tokens":100}}""");
        await client.WaitForAsync("voicecarnival.session.resumed");
        await client.SendAsync("""{"type":"session.update","event_id":"two","session":{"type":"realtime","max_output_tokens":200}}""");
        await client.WaitForAsync("rate_limits.updated");
        Assert.Contains("Be kind.", Assert.Single(heardAgain), StringComparison.Ordinal);
        Assert.Equal(["event_of_one", "event_of_two"], client.Events.Where(e => e.Type == "session.updated").Select(e => e.Text("event_id")));
        Assert.DoesNotContain(client.Events, e => e.Type == "error");
    }

    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"\ud800"}""")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"\ud800","content_index":0,"audio_end_ms":1}""")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"a","item_id":"b","content_index":0,"audio_end_ms":1}""")]
    public async Task EventThatCannotBeReadInOneWay_IsTheServicesToRefuse(string e)
    {
        await using var service = await StartAsync(async (socket, _) =>
        {
            await SayAsync(socket, Created);
            await HearAsync(socket, "\"mine\"");
            await SayAsync(socket, """{"type":"rate_limits.updated","event_id":"event_3","rate_limits":[]}""");
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync(e);
        await client.SendAsync("""{"type":"response.cancel","event_id":"mine"}""");
        await client.ExpectAsync("rate_limits.updated");
    }

    [Fact]
    public async Task EventLongerThanWhatMayPileUp_ReachesACallerThatReads()
    {
        await using var service = await StartAsync(async (socket, _) =>
        {
            await SayAsync(socket, Created);
            await SayAsync(socket, """{"type":"conversation.item.retrieved","event_id":"event_2","item":{"id":"item_1","type":"message","role":"user","content":[{"type":"input_audio","transcript":null,"audio":"SOUND"}]}}""".Replace("SOUND", new string('A', 12_000_000), StringComparison.Ordinal));
            await SayAsync(socket, """{"type":"rate_limits.updated","event_id":"event_3","rate_limits":[]}""");
            await ListenAsync(socket);
        });
        await using var gateway = service.Before();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        var retrieved = await client.WaitForAsync("conversation.item.retrieved");
        Assert.Equal(12_000_000, retrieved.Find("item.content")[0].GetProperty("audio").GetString()!.Length);
        await client.WaitForAsync("rate_limits.updated");
    }
}

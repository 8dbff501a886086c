using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class ItemTests
{
    private const string Speaks = """{"turns":[{"reply":[{"say":"one two three four","ms":1000}]}]}""";

    [Fact]
    public void Items_AreAppendedInOrderByDefault()
    {
        var h = new DialogueHarness();
        string a = h.CreateText("a"), b = h.CreateText("b");
        var added = h.Of("conversation.item.added").ToList();
        Assert.Null(added[0].Text("previous_item_id"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, added[0].Find("previous_item_id").ValueKind);
        Assert.Equal(a, added[1].Text("previous_item_id"));
        Assert.NotEqual(a, b);
        Assert.Equal("realtime.item", added[0].Text("item.object"));
        Assert.Equal("completed", added[0].Text("item.status"));
        h.CheckFlow();
    }

    [Fact]
    public void Item_WithPreviousItemId_IsPutAfterIt()
    {
        var h = new DialogueHarness();
        string a = h.CreateText("a");
        string b = h.CreateText("b");
        var inserted = h.Send($$"""{"type":"conversation.item.create","previous_item_id":"{{a}}","item":{"id":"mine","type":"message","role":"system","content":[{"type":"input_text","text":"c"}]} }""");
        Assert.Equal(a, inserted[0].Text("previous_item_id"));
        Assert.Equal("mine", inserted[0].Text("item.id"));
        var first = h.Send("""{"type":"conversation.item.create","previous_item_id":"root","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"d"}]} }""");
        Assert.Null(first[0].Text("previous_item_id"));
        var last = h.Send("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"e"}]} }""");
        Assert.Equal(b, last[0].Text("previous_item_id"));
        h.CheckFlow();
    }

    [Theory]
    [InlineData("""{"type":"conversation.item.create"}""", "missing_required_parameter", "item")]
    [InlineData("""{"type":"conversation.item.create","item":{}}""", "missing_required_parameter", "item.type")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"song"}}""", "invalid_value", "item.type")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","content":[]}}""", "missing_required_parameter", "item.role")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user"}}""", "missing_required_parameter", "item.content")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"output_text","text":"x"}]}}""", "invalid_value", "item.content[0].type")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text"}]}}""", "missing_required_parameter", "item.content[0].text")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_audio","audio":"!"}]}}""", "invalid_value", "item.content[0].audio")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image","image_url":"https://example.com/x.png"}]}}""", "invalid_value", "item.content[0].image_url")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:text/plain;base64,AAAA"}]}}""", "invalid_value", "item.content[0].image_url")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:image/jpeg;base64,!"}]}}""", "invalid_value", "item.content[0].image_url")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_image"}]}}""", "missing_required_parameter", "item.content[0].image_url")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_audio","audio":"AAAA"}]}}""", "invalid_value", "item.content[0].audio")]
    [InlineData("""{"type":"conversation.item.create","previous_item_id":"nobody","item":{"type":"message","role":"user","content":[]}}""", "item_create_invalid_previous_item", "previous_item_id")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"x"}}""", "invalid_tool_call_id", "item.call_id")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1"}}""", "missing_required_parameter", "item.output")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"mcp_approval_response","approve":true}}""", "missing_required_parameter", "item.approval_request_id")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true}}""", "invalid_approval_request_id", "item.approval_request_id")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"mcp_call","server_label":"s","name":"f"}}""", "missing_required_parameter", "item.arguments")]
    [InlineData("""{"type":"conversation.item.create","item":{"id":"root","type":"message","role":"user","content":[]}}""", "invalid_value", "item.id")]
    [InlineData("""{"type":"conversation.item.retrieve"}""", "missing_required_parameter", "item_id")]
    [InlineData("""{"type":"conversation.item.retrieve","item_id":"nobody"}""", "item_retrieve_invalid_item_id", "item_id")]
    [InlineData("""{"type":"conversation.item.delete","item_id":"nobody"}""", "item_delete_invalid_item_id", "item_id")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"nobody","content_index":0,"audio_end_ms":1}""", "item_truncate_invalid_item_id", "item_id")]
    public void ItemEvent_ThatIsWrong_IsRefusedWithItsPath(string json, string code, string param)
    {
        var h = new DialogueHarness();
        h.Refused(json, code, param);
        h.CheckFlow();
    }

    [Fact]
    public void Item_WithAnIdThatExists_IsRefused()
    {
        var h = new DialogueHarness();
        const string json = """{"type":"conversation.item.create","item":{"id":"mine","type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}""";
        h.Send(json);
        h.Refused(json, "item_create_duplicate_id", "item.id");
        h.CheckFlow();
        h.Send("""{"type":"conversation.item.delete","item_id":"mine"}""");
        Assert.Equal(2, h.Send(json).Count);
    }

    [Fact]
    public void ItemThatIsBeingSpoken_IsDeleted_ItsResponseEndsFirst_AndNothingOfItFollows()
    {
        var h = new DialogueHarness(DialogueHarness.Script(Speaks));
        h.Send("""{"type":"response.create"}""");
        string id = h.Single("conversation.item.added").Text("item.id")!;
        var events = h.Send($$"""{"type":"conversation.item.delete","item_id":"{{id}}"}""");
        var done = events.Single(e => e.Type == "response.done");
        Assert.Equal(("cancelled", "client_cancelled"), (done.Text("response.status"), done.Text("response.status_details.reason")));
        Assert.Equal("incomplete", events.Single(e => e.Type == "conversation.item.done").Text("item.status"));
        Assert.Equal("conversation.item.deleted", events[^1].Type);
        int pieces = h.Pieces.Count;
        h.Advance(10_000);
        Assert.Equal(pieces, h.Pieces.Count);
        h.Refused($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}""", "item_retrieve_invalid_item_id");
        h.CheckFlow();
    }

    [Fact]
    public void EveryKindOfItem_IsTakenAndRetrievedAsItWas()
    {
        var h = new DialogueHarness();
        string audio = Convert.ToBase64String(new byte[9600]);
        foreach (string item in (string[])
        [
            """{"id":"i1","type":"message","role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"}]}""",
            $$"""{"id":"i2","type":"message","role":"user","content":[{"type":"input_audio","audio":"{{audio}}","transcript":"t"}]}""",
            """{"id":"i3","type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"said"}]}""",
            """{"id":"i4","type":"function_call","name":"f","arguments":"{}","call_id":"call_1"}""",
            """{"id":"i5","type":"function_call_output","call_id":"call_1","output":"42"}""",
            """{"id":"i6","type":"mcp_list_tools","server_label":"s","tools":[]}""",
            """{"id":"i7","type":"mcp_call","server_label":"s","name":"f","arguments":"{}"}""",
            """{"id":"mcpr_1","type":"mcp_approval_request","server_label":"s","name":"f","arguments":"{}"}""",
            """{"id":"i8","type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true}""",
        ])
        {
            var events = h.Send($$"""{"type":"conversation.item.create","item":{{item}} }""");
            Assert.Equal(["conversation.item.added", "conversation.item.done"], events.Select(e => e.Type));
            string id = events[0].Text("item.id")!;
            var retrieved = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
            Assert.Equal("conversation.item.retrieved", retrieved.Type);
            foreach (var property in System.Text.Json.JsonElement.Parse(item).EnumerateObject().Where(p => p.Name != "content"))
                Assert.Equal(property.Value.GetRawText(), retrieved.Find("item." + property.Name).GetRawText());
            if (id == "i1")
                Assert.Equal("data:image/png;base64,AAAA", retrieved.Text("item.content.1.image_url"));
            if (id == "i2")
                Assert.Equal(audio, retrieved.Text("item.content.0.audio"));
        }

        h.CheckFlow();
    }

    [Fact]
    public void DeletedItem_IsGone()
    {
        var h = new DialogueHarness();
        string id = h.CreateText("a");
        var deleted = Assert.Single(h.Send($$"""{"type":"conversation.item.delete","item_id":"{{id}}"}"""));
        Assert.Equal("conversation.item.deleted", deleted.Type);
        Assert.Equal(id, deleted.Text("item_id"));
        h.Refused($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}""", "item_retrieve_invalid_item_id");
        h.CreateText("b");
        Assert.Null(h.Of("conversation.item.added").Last().Text("previous_item_id"));
        h.CheckFlow();
    }

    [Fact]
    public void Truncate_CutsAudioAndForgetsTheWords()
    {
        var h = new DialogueHarness(DialogueHarness.Script(Speaks));
        h.Send("""{"type":"response.create"}""");
        string id = h.RunUntilDone().Text("response.output.0.id")!;
        string Truncate(int ms) => $$"""{"type":"conversation.item.truncate","item_id":"{{id}}","content_index":0,"audio_end_ms":{{ms}} }""";

        h.Refused(Truncate(1001), "invalid_value", "audio_end_ms");
        var truncated = Assert.Single(h.Send(Truncate(400)));
        Assert.Equal("conversation.item.truncated", truncated.Type);
        Assert.Equal(400, truncated.Find("audio_end_ms").GetInt32());
        Assert.Equal(0, truncated.Find("content_index").GetInt32());
        var retrieved = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
        Assert.Equal("", retrieved.Text("item.content.0.transcript"));
        Assert.Equal(h.Audio(id)[..(400 * 48)], Convert.FromBase64String(retrieved.Text("item.content.0.audio")!));
        h.Refused(Truncate(401), "invalid_value", "audio_end_ms");
        h.Send(Truncate(0));
        Assert.Null(Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}""")).Text("item.content.0.audio"));
        h.CheckFlow();
    }

    [Theory]
    [InlineData("\"audio_end_ms\":1", "missing_required_parameter", "content_index")]
    [InlineData("\"content_index\":0", "missing_required_parameter", "audio_end_ms")]
    [InlineData("\"content_index\":null,\"audio_end_ms\":null", "missing_required_parameter", "content_index")]
    [InlineData("\"content_index\":0,\"audio_end_ms\":1.5", "invalid_type", "audio_end_ms")]
    [InlineData("\"content_index\":0,\"audio_end_ms\":-1", "integer_below_min_value", "audio_end_ms")]
    [InlineData("\"content_index\":1,\"audio_end_ms\":1", "invalid_value", "content_index")]
    public void Truncate_ThatIsWrong_IsRefused(string fields, string code, string param)
    {
        var h = new DialogueHarness(DialogueHarness.Script(Speaks));
        h.Send("""{"type":"response.create"}""");
        string id = h.RunUntilDone().Text("response.output.0.id")!;
        h.Refused($$"""{"type":"conversation.item.truncate","item_id":"{{id}}",{{fields}} }""", code, param);
        h.CheckFlow();
    }

    [Fact]
    public void Truncate_OfACallersItemOrOfText_IsRefused()
    {
        var h = new DialogueHarness();
        string mine = h.CreateText("a");
        h.Refused($$"""{"type":"conversation.item.truncate","item_id":"{{mine}}","content_index":0,"audio_end_ms":1}""", "invalid_value", "item_id");
        h.Send("""{"type":"response.create"}""");
        string text = h.Single("response.done").Text("response.output.0.id")!;
        h.Refused($$"""{"type":"conversation.item.truncate","item_id":"{{text}}","content_index":0,"audio_end_ms":1}""", "invalid_value", "content_index");
        h.CheckFlow();
    }

    [Fact]
    public void Truncate_OfTheItemBeingSpoken_HoldsOnceItIsDone()
    {
        var h = new DialogueHarness(DialogueHarness.Script(Speaks));
        h.Send("""{"type":"response.create"}""");
        string id = h.Single("response.output_item.added").Text("item.id")!;
        double sent = h.Pieces.Sum(p => p.Milliseconds);
        Assert.InRange(sent, 300, 900);
        h.Refused($$"""{"type":"conversation.item.truncate","item_id":"{{id}}","content_index":0,"audio_end_ms":{{sent + 1}} }""", "invalid_value", "audio_end_ms");
        Assert.Equal("conversation.item.truncated", Assert.Single(h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{id}}","content_index":0,"audio_end_ms":200}""")).Type);
        h.Send("""{"type":"response.cancel"}""");
        var retrieved = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
        Assert.Equal("", retrieved.Text("item.content.0.transcript"));
        Assert.Equal(200 * 48, Convert.FromBase64String(retrieved.Text("item.content.0.audio")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void MoreItemsThanAreKept_DropTheOldest()
    {
        var h = new DialogueHarness(options: new LocalEngineOptions { MaxItems = 16 });
        var ids = Enumerable.Range(0, 20).Select(i => h.CreateText($"{i}")).ToList();
        for (int i = 0; i < 20; i++)
        {
            var answer = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{ids[i]}}"}"""));
            Assert.Equal(i < 4 ? "error" : "conversation.item.retrieved", answer.Type);
        }

        h.CheckFlow();
    }

    [Fact]
    public void MoreTextThanIsKept_DropsTheOldest()
    {
        var h = new DialogueHarness { Validates = false };
        string large = new('x', 900_000);
        var ids = Enumerable.Range(0, 40).Select(_ => h.CreateText(large)).ToList();
        Assert.Equal("error", Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{ids[0]}}"}""")).Type);
        Assert.Equal("conversation.item.retrieved", Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{ids[^1]}}"}""")).Type);
    }

    [Fact]
    public void MoreAudioThanIsKept_DropsTheOldestAudioButNotTheItem()
    {
        var h = new DialogueHarness(options: new LocalEngineOptions { RetainedAudioSeconds = 2 });
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        var ids = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            h.SendAudioAtOnce(new byte[48_000]);
            ids.Add(h.Send("""{"type":"input_audio_buffer.commit"}""")[0].Text("item_id")!);
        }

        var audio = ids.ConvertAll(id => Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}""")).Text("item.content.0.audio")?.Length);
        Assert.Equal([null, 64_000, 64_000], audio);
        h.CheckFlow();
    }

    [Fact]
    public void IdOfATurnUnderWay_IsTaken()
    {
        var h = new DialogueHarness();
        h.Update(Speech.HelloIsOneTurn);
        h.Speak(Speech.Question[..48_000]);
        string id = h.Single("input_audio_buffer.speech_started").Text("item_id")!;
        h.Refused("""{"type":"conversation.item.create","item":{"id":"ID","type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}""".Replace("ID", id, StringComparison.Ordinal), "item_create_duplicate_id", "item.id");
        h.Speak(Speech.Question[48_000..]);
        h.Silence(1000);
        Assert.Contains(h.Of("conversation.item.added"), e => e.Text("item.id") == id);
        h.CheckFlow(complete: false);
    }
}

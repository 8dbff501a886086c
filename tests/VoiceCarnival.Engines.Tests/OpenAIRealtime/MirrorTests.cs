using System.Text;
using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime;

public sealed class MirrorTests
{
    private readonly ConversationMirror _mirror = new() { AudioLength = static _ => 1000 };

    [Fact]
    public void Conversation_IsToldAgainAsText_InItsOrder()
    {
        Session("""{"id":"sess_1","object":"realtime.session","type":"realtime","model":"m","instructions":"Sing.","audio":{"input":{"noise_reduction":null,"turn_detection":null}}}""");
        Observe("conversation.item.added", """{"item":{"id":"a","type":"message","role":"user","content":[{"type":"input_audio","transcript":null}]},"previous_item_id":null}""");
        Observe("conversation.item.input_audio_transcription.completed", """{"item_id":"a","transcript":"Hello there"}""");
        Observe("conversation.item.added", """{"item":{"id":"b","type":"message","role":"assistant","status":"in_progress","content":[]},"previous_item_id":"a"}""");
        Observe("conversation.item.done", """{"item":{"id":"b","type":"message","role":"assistant","status":"completed","content":[{"type":"output_audio","transcript":"one two three four"}]},"previous_item_id":"a"}""");
        Observe("conversation.item.truncated", """{"item_id":"b","content_index":0,"audio_end_ms":500}""");

        var events = UpstreamReplay.Events(_mirror).Select(e => JsonNode.Parse(e)!).ToList();

        Assert.Equal(["session.update", "conversation.item.create", "conversation.item.create", "input_audio_buffer.clear"], events.Select(e => (string?)e["type"]));
        Assert.Equal("""{"type":"realtime","instructions":"Sing.","audio":{"input":{"turn_detection":null}}}""", events[0]["session"]!.ToJsonString());
        Assert.Equal("""{"id":"a","type":"message","role":"user","content":[{"type":"input_text","text":"Hello there"}]}""", events[1]["item"]!.ToJsonString());
        Assert.Equal("""{"id":"b","type":"message","role":"assistant","content":[{"type":"output_text","text":"one two"}]}""", events[2]["item"]!.ToJsonString());
    }

    [Fact]
    public void ManyImages_TheOldestAreForgottenAndTheirItemsStay()
    {
        string image = new('A', 4_000_000);
        for (int i = 0; i < 6; i++)
            Observe("conversation.item.added", $$"""{"item":{"id":"i{{i}}","type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"data:image/png;base64,{{image}}"}]},"previous_item_id":null}""");

        Assert.Equal([false, false, true, true, true, true], _mirror.Items.OrderBy(item => item.Id).Select(item => item.HasImages));
        Assert.Equal(
            """{"id":"i0","type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_text","text":"(An image that was shown here is not kept any more.)"}]}""",
            _mirror.Items.First(item => item.Id == "i0").ForReplay(null)!.ToJsonString());
        Assert.InRange(UpstreamReplay.Events(_mirror).Sum(e => e.Length), 16_000_000, 16_800_000);
    }

    [Fact]
    public void BrokenAnswer_GetsEveryEndThatWasAwaited_Once()
    {
        Observe("response.created", """{"response":{"id":"r","object":"realtime.response","status":"in_progress","output":[],"conversation_id":"c"}}""");
        Observe("response.output_item.added", """{"response_id":"r","output_index":0,"item":{"id":"i","type":"message","role":"assistant","status":"in_progress","content":[]}}""");
        Observe("response.content_part.added", """{"response_id":"r","item_id":"i","output_index":0,"content_index":0,"part":{"type":"audio","transcript":""}}""");
        Observe("response.output_audio_transcript.delta", """{"response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"half a sen"}""");

        var ends = Assert.Single(_mirror.BreakOff()).Close().ToList();

        Assert.Equal(
            ["response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done", "response.output_item.done", "conversation.item.done", "response.done"],
            ends.Select(e => e.Type));
        Assert.Equal("incomplete", (string?)ends[^1].Event["response"]!["status"]);
        Assert.Equal("half a sen", (string?)ends[3].Event["item"]!["content"]![0]!["transcript"]);
        Assert.Empty(_mirror.BreakOff());
    }

    [Fact]
    public void RequestsWithoutAnEffectYet_AreKept_OthersAreNot()
    {
        _mirror.Requests.Add(ClientEventKind.ItemCreate, """{"type":"conversation.item.create","event_id":"e1"}"""u8, 0);
        _mirror.Requests.Add(ClientEventKind.ItemCreate, """{"type":"conversation.item.create","event_id":"e2"}"""u8, 0);
        _mirror.Requests.Add(ClientEventKind.ResponseCreate, """{"type":"response.create","event_id":"e3"}"""u8, 0);
        Observe("conversation.item.added", """{"item":{"id":"a","type":"message","role":"user","content":[]}}""");
        Observe("error", """{"error":{"type":"invalid_request_error","event_id":"e3"}}""");
        Assert.Contains("e2", Encoding.UTF8.GetString(Assert.Single(_mirror.Requests.All).Event), StringComparison.Ordinal);
    }

    [Fact]
    public void LargeRequest_IsKeptLikeAnyOther()
    {
        _mirror.Requests.Add(ClientEventKind.ItemCreate, LargeItem("e1", 400_000), 0);
        _mirror.Requests.Add(ClientEventKind.ResponseCreate, """{"type":"response.create","event_id":"e2"}"""u8, 0);
        Assert.Equal([ClientEventKind.ItemCreate, ClientEventKind.ResponseCreate], _mirror.Requests.TakeAll().Select(request => request.Kind));
    }

    [Fact]
    public void RequestsPastTheBound_TheLargestLeavesItsIdAndItsPlace()
    {
        _mirror.Requests.Add(ClientEventKind.ItemCreate, LargeItem("e1", 100_000), 0);
        _mirror.Requests.Add(ClientEventKind.ItemCreate, LargeItem("e2", 2_000_000), 0);
        _mirror.Requests.Add(ClientEventKind.ItemCreate, LargeItem("e3", 600_000), 0);
        _mirror.Requests.Add(ClientEventKind.ResponseCreate, LargeItem("e4", 700_000), 0);
        _mirror.Requests.Add(ClientEventKind.ItemCreate, LargeItem("e5", 100_000), 0);
        Observe("conversation.item.added", """{"item":{"id":"a","type":"message","role":"user","content":[]}}""");

        var left = _mirror.Requests.TakeAll();

        Assert.Equal([("e2", true), ("e3", false), ("e4", true), ("e5", false)],
            left.Select(request => ((string)JsonNode.Parse(request.Event)!["event_id"]!, request.IsForgotten)));
        Assert.InRange(left.Sum(request => request.Event.Length), 700_000, 701_000);
    }

    [Fact]
    public void ForgottenRequest_IsAnsweredInItsTurn_AndIsNotTheOneToAskAgain()
    {
        _mirror.Requests.Add(ClientEventKind.ResponseCreate, LargeItem("e1", 2_000_000), 0);
        _mirror.Requests.Add(ClientEventKind.ResponseCreate, """{"type":"response.create","event_id":"e2"}"""u8, 0);
        Observe("response.created", """{"response":{"id":"r","status":"in_progress","output":[]}}""");
        Assert.Null(Assert.Single(_mirror.BreakOff()).Request);
        Assert.Contains("e2", Encoding.UTF8.GetString(Assert.Single(_mirror.Requests.All).Event), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}""", "first")]
    [InlineData("""{"type":"mcp_list_tools","server_label":"s","tools":[]}""", "root")]
    public void ReplayedAnswer_IsShortenedBehindTheNearestItemThatTheUpstreamWasTold(string first, string behind)
    {
        Observe("conversation.item.added", """{"item":{"id":"first",""" + first[1..] + "}");
        Observe("conversation.item.added", """{"item":{"id":"tool","type":"mcp_call","name":"look","arguments":"{}","output":"x"},"previous_item_id":"first"}""");
        Observe("conversation.item.added", """{"item":{"id":"said","type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"one two"}]},"previous_item_id":"tool"}""");
        _mirror.Find("said")!.IsReplayed = true;

        var truncation = ReplayedTruncation.TryTake(
            """{"type":"conversation.item.truncate","item_id":"said","content_index":0,"audio_end_ms":500}"""u8, _mirror, new RelayedAudio(), new QuietItems())!;

        Assert.Equal(2, truncation.Commands.Count);
        Assert.Equal(behind, (string?)JsonNode.Parse(truncation.Commands[1])!["previous_item_id"]);
    }

    [Theory]
    [InlineData(true, 0, false, true)]
    [InlineData(true, 3, false, true)]
    [InlineData(true, 25, false, false)]
    [InlineData(true, 25, true, true)]
    [InlineData(false, 25, false, true)]
    public void PushToTalk_StaysWithItsUpstream_WhileAnotherCouldNotBeToldTheTurn(bool isPushToTalk, int seconds, bool isLast, bool mayMove)
    {
        Session(isPushToTalk ? """{"audio":{"input":{"turn_detection":null}}}""" : """{"audio":{"input":{"turn_detection":{"type":"server_vad"}}}}""");
        for (int i = 0; i < seconds; i++)
        {
            _mirror.Input.Add(new byte[48_000]);
            _mirror.Input.AllSent();
        }

        Assert.Equal(mayMove, _mirror.MayMove(isLast));
        Observe("input_audio_buffer.cleared", "{}");
        Assert.True(_mirror.MayMove(isLast: false));
    }

    [Theory]
    [InlineData("one two three", 1.5, "one two three")]
    [InlineData("one two three", 0.7, "one two")]
    [InlineData("one two three", 0.1, "")]
    [InlineData("", 0.5, "")]
    public void WhatWasSaid_IsCutAtAWord(string text, double heard, string left) => Assert.Equal(left, MirrorItem.Cut(text, heard));

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"item":5,"response":7}""")]
    [InlineData("""{"item":{"id":5}}""")]
    [InlineData("""{"item":{"id":"x","content":[5,null,{}]},"previous_item_id":5}""")]
    [InlineData("""{"session":{"audio":"none"}}""")]
    [InlineData("""{"session":{"audio":{"input":{"format":"pcm16","turn_detection":{"prefix_padding_ms":"x","create_response":3}}}}}""")]
    [InlineData("""{"response":{"id":[]}}""")]
    public void EventsOfAnyShape_AreSurvived(string json)
    {
        foreach (string type in (string[])["session.created", "conversation.item.added", "conversation.item.done", "response.created", "response.output_item.added", "response.done",
            "conversation.item.truncated", "input_audio_buffer.committed", "error", "response.content_part.added"])
        {
            Observe(type, json);
        }

        _ = UpstreamReplay.Events(_mirror).Count();
        Assert.Equal(48, _mirror.InputBytesPerMillisecond);
    }

    [Fact]
    public void IdsAndPositions_AreTheCallersOwn_AfterAChangeOfUpstream()
    {
        var rewriter = new EventRewriter { AudioOffset = 5000 };
        rewriter.Map("sess_2", "sess_1");
        rewriter.Map("item_new", "item_old");
        var down = JsonNode.Parse(rewriter.Down("""{"type":"input_audio_buffer.speech_stopped","audio_end_ms":120,"item_id":"item_new"}"""u8.ToArray())!)!;
        Assert.Equal(("item_old", 5120), ((string?)down["item_id"], (int?)down["audio_end_ms"]));
        Assert.Equal("item_new", (string?)JsonNode.Parse(rewriter.Up("""{"type":"conversation.item.retrieve","item_id":"item_old"}"""u8.ToArray())!)!["item_id"]);
        Assert.Null(rewriter.Down("""{"type":"response.output_text.delta","delta":"x"}"""u8.ToArray()));
    }

    [Fact]
    public void TranscriptionSession_AwaitsNoAnswers_AndKnowsWhatIsNotWrittenDown()
    {
        Session("""{"id":"sess_1","type":"transcription","audio":{"input":{"turn_detection":{"type":"server_vad"}}}}""");
        Observe("input_audio_buffer.committed", """{"item_id":"a"}""");
        Observe("conversation.item.added", """{"item":{"id":"a","type":"message","role":"user","content":[{"type":"input_audio","transcript":null}]},"previous_item_id":null}""");

        Assert.True(_mirror.MayMove(isLast: false));
        Assert.Equal("a", Assert.Single(_mirror.Untranscribed).Id);

        Observe("conversation.item.input_audio_transcription.failed", """{"item_id":"a","content_index":0,"error":{"type":"server_error"}}""");
        Assert.Empty(_mirror.Untranscribed);
    }

    [Theory]
    [InlineData("""{"type":"response.cancel"}""", true)]
    [InlineData("""{"type":"response.cancel","response_id":"r"}""", true)]
    [InlineData("""{"type":"response.cancel","response_id":"another"}""", false)]
    public void AnswerThatTheCallerCancelled_EndsAsCancelled_WhenTheUpstreamBreaks(string cancel, bool isCancelled)
    {
        Observe("response.created", """{"response":{"id":"r","object":"realtime.response","status":"in_progress","output":[],"conversation_id":"c"}}""");
        _mirror.Cancel(Encoding.UTF8.GetBytes(cancel));

        var broken = Assert.Single(_mirror.BreakOff());

        Assert.Equal(isCancelled, broken.IsCancelled);
        Assert.Equal(isCancelled ? "cancelled" : "incomplete", (string?)broken.Close().Last().Event["response"]!["status"]);
    }

    [Fact]
    public void FunctionCallThatIsDone_IsToldAgain_ThoughTheConversationHasNotSaidSo()
    {
        Observe("response.created", """{"response":{"id":"r","object":"realtime.response","status":"in_progress","output":[],"conversation_id":"c"}}""");
        Observe("response.output_item.added", """{"response_id":"r","output_index":0,"item":{"id":"f","type":"function_call","status":"in_progress","name":"n","call_id":"call","arguments":""}}""");
        Observe("conversation.item.added", """{"item":{"id":"f","type":"function_call","status":"in_progress","name":"n","call_id":"call","arguments":""},"previous_item_id":null}""");
        Observe("response.output_item.done", """{"response_id":"r","output_index":0,"item":{"id":"f","type":"function_call","status":"completed","name":"n","call_id":"call","arguments":"{}"}}""");

        var broken = Assert.Single(_mirror.BreakOff());

        Assert.Equal(["conversation.item.done", "response.done"], broken.Close().Select(e => e.Type));
        Assert.Equal("""{"id":"f","type":"function_call","name":"n","call_id":"call","arguments":"{}"}""", _mirror.Find("f")!.ForReplay(null)!.ToJsonString());
    }

    [Fact]
    public void SecondChangeOfUpstream_LeavesNoIdOfTheFirst()
    {
        var rewriter = new EventRewriter();
        rewriter.Map("item_B", "item_A");
        rewriter.Clear();
        rewriter.Map("sess_theirs", "sess_ours");

        Assert.Null(rewriter.Up("""{"type":"conversation.item.delete","item_id":"item_A"}"""u8.ToArray()));
        Assert.NotNull(rewriter.Down("""{"type":"session.updated","session":{"id":"sess_theirs"}}"""u8.ToArray()));
    }

    private static byte[] LargeItem(string eventId, int length) => Encoding.UTF8.GetBytes($$"""{"type":"any","event_id":"{{eventId}}","item":"{{new string('A', length)}}"}""");

    private void Session(string json) => _mirror.SetSession((JsonObject)JsonNode.Parse(json)!);

    private void Observe(string type, string json) => _mirror.Observe(type, Encoding.UTF8.GetBytes(json));
}

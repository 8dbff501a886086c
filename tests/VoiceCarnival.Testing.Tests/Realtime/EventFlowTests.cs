using System.Text.Json;
using VoiceCarnival.Testing.Realtime;
using Xunit;

namespace VoiceCarnival.Testing.Tests.Realtime;

public sealed class EventFlowTests
{
    /// <summary>A spoken turn with transcription, a spoken answer, a tool call, and a text response out of band beside them.</summary>
    private static readonly string[] Turn =
    [
        """{"type":"session.created","session":{}}""",
        """{"type":"input_audio_buffer.speech_started","item_id":"u1"}""",
        """{"type":"input_audio_buffer.speech_stopped","item_id":"u1"}""",
        """{"type":"input_audio_buffer.committed","item_id":"u1","previous_item_id":null}""",
        """{"type":"conversation.item.added","item":{"id":"u1"},"previous_item_id":null}""",
        """{"type":"conversation.item.done","item":{"id":"u1"}}""",
        """{"type":"response.created","response":{"id":"r1","conversation_id":"conv"}}""",
        """{"type":"response.output_item.added","response_id":"r1","output_index":0,"item":{"id":"a1"}}""",
        """{"type":"conversation.item.added","item":{"id":"a1"},"previous_item_id":"u1"}""",
        """{"type":"response.content_part.added","response_id":"r1","item_id":"a1","output_index":0,"content_index":0,"part":{"type":"audio","transcript":""}}""",
        """{"type":"response.output_audio_transcript.delta","response_id":"r1","item_id":"a1","output_index":0,"content_index":0,"delta":"Step "}""",
        """{"type":"conversation.item.input_audio_transcription.delta","item_id":"u1","content_index":0,"delta":"Two."}""",
        """{"type":"response.output_audio.delta","response_id":"r1","item_id":"a1","output_index":0,"content_index":0,"delta":"AAAA"}""",
        """{"type":"response.created","response":{"id":"r2","conversation_id":null}}""",
        """{"type":"response.output_item.added","response_id":"r2","output_index":0,"item":{"id":"o1"}}""",
        """{"type":"response.content_part.added","response_id":"r2","item_id":"o1","output_index":0,"content_index":0,"part":{"type":"text","text":""}}""",
        """{"type":"response.output_text.delta","response_id":"r2","item_id":"o1","output_index":0,"content_index":0,"delta":"fun"}""",
        """{"type":"response.output_audio_transcript.delta","response_id":"r1","item_id":"a1","output_index":0,"content_index":0,"delta":"up."}""",
        """{"type":"response.output_audio.done","response_id":"r1","item_id":"a1","output_index":0,"content_index":0}""",
        """{"type":"response.output_audio_transcript.done","response_id":"r1","item_id":"a1","output_index":0,"content_index":0,"transcript":"Step up."}""",
        """{"type":"response.content_part.done","response_id":"r1","item_id":"a1","output_index":0,"content_index":0,"part":{"type":"audio","transcript":"Step up."}}""",
        """{"type":"response.output_item.done","response_id":"r1","output_index":0,"item":{"id":"a1","content":[{"type":"output_audio","transcript":"Step up."}]}}""",
        """{"type":"conversation.item.done","item":{"id":"a1"}}""",
        """{"type":"response.output_item.added","response_id":"r1","output_index":1,"item":{"id":"f1"}}""",
        """{"type":"conversation.item.added","item":{"id":"f1"},"previous_item_id":"a1"}""",
        """{"type":"response.function_call_arguments.delta","response_id":"r1","item_id":"f1","output_index":1,"call_id":"c","delta":"{}"}""",
        """{"type":"response.function_call_arguments.done","response_id":"r1","item_id":"f1","output_index":1,"call_id":"c","name":"n","arguments":"{}"}""",
        """{"type":"response.output_item.done","response_id":"r1","output_index":1,"item":{"id":"f1","type":"function_call","arguments":"{}"}}""",
        """{"type":"conversation.item.done","item":{"id":"f1"}}""",
        """{"type":"response.done","response":{"id":"r1","status":"completed","usage":{},"output":[{"id":"a1"},{"id":"f1"}]}}""",
        """{"type":"rate_limits.updated","rate_limits":[]}""",
        """{"type":"response.output_text.done","response_id":"r2","item_id":"o1","output_index":0,"content_index":0,"text":"fun"}""",
        """{"type":"response.content_part.done","response_id":"r2","item_id":"o1","output_index":0,"content_index":0,"part":{"type":"text","text":"fun"}}""",
        """{"type":"response.output_item.done","response_id":"r2","output_index":0,"item":{"id":"o1","content":[{"type":"output_text","text":"fun"}]}}""",
        """{"type":"response.done","response":{"id":"r2","status":"completed","usage":{},"output":[{"id":"o1"}]}}""",
        """{"type":"conversation.item.input_audio_transcription.completed","item_id":"u1","content_index":0,"transcript":"Two."}""",
    ];

    [Fact]
    public void GoodTurn_HasNoViolation() => Assert.Empty(Check(Turn));

    [Fact]
    public void CutRecording_IsFineUnlessItMustBeComplete()
    {
        Assert.Empty(Check(Turn[..10], complete: false));
        Assert.Contains(Check(Turn[..10]), violation => violation.Contains("r1 has no response.done", StringComparison.Ordinal));
    }

    /// <summary>No event of the turn may be left out, but for those that a server may skip.</summary>
    [Fact]
    public void AnyEventLeftOut_IsNoticed()
    {
        string[] optional =
        [
            "session.created", "rate_limits.updated", "response.output_audio.delta", "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
            "conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
        ];
        for (int i = 0; i < Turn.Length; i++)
        {
            string type = JsonElement.Parse(Turn[i]).GetProperty("type").GetString()!;
            string[] without = [.. Turn[..i], .. Turn[(i + 1)..]];
            if (!optional.Contains(type) && type != "response.output_audio.done")
            {
                Assert.True(Check(without).Count > 0, $"Nobody misses {Turn[i]}");
            }
        }
    }

    /// <summary>Of everything that happens once, a second one is noticed.</summary>
    [Fact]
    public void AnyEventTwice_IsNoticed()
    {
        for (int i = 0; i < Turn.Length; i++)
        {
            string type = JsonElement.Parse(Turn[i]).GetProperty("type").GetString()!;
            string[] repeated = [.. Turn[..(i + 1)], .. Turn[i..]];
            if (type is not ("rate_limits.updated" or "response.output_audio.delta" or "session.created"))
            {
                Assert.True(Check(repeated).Count > 0, $"Nobody minds a second {Turn[i]}");
            }
        }
    }

    [Fact]
    public void SessionCreatedLater_IsNoticed() => Noticed([.. Turn, Turn[0]], "session.created must be the first event");

    [Fact]
    public void EventIdTwice_IsNoticed() => Assert.Contains(
        EventFlow.Violations([JsonElement.Parse("""{"type":"error","event_id":"e"}"""), JsonElement.Parse("""{"type":"error","event_id":"e"}""")]),
        violation => violation == "#1 error: the event_id e was used before");

    [Fact]
    public void EventWithoutId_IsNoticedUnlessItNeedsNone()
    {
        Assert.Equal(["#0 error: has no event_id"], EventFlow.Violations([JsonElement.Parse("""{"type":"error"}""")]));
        Assert.Empty(EventFlow.Violations([JsonElement.Parse("""{"type":"input_audio_buffer.dtmf_event_received"}""")]));
        Assert.Empty(EventFlow.Violations([JsonElement.Parse("""{"type":"voicecarnival.audio_item"}""")]));
    }

    [Fact]
    public void SecondResponseInTheDefaultConversation_IsNoticed() =>
        Noticed(Turn.Select(json => json.Replace("\"r2\",\"conversation_id\":null", "\"r2\",\"conversation_id\":\"conv\"", StringComparison.Ordinal)), "r2 begins while r1 is active");

    [Fact]
    public void EventAfterResponseDone_IsNoticed() =>
        Noticed([.. Turn, Turn[12]], "comes after the response.done of r1");

    [Fact]
    public void ResponseThatWasNeverCreated_IsNoticed() =>
        Noticed(["""{"type":"response.done","response":{"id":"r9"}}"""], "r9 was never created");

    [Fact]
    public void DoneTextThatIsNotTheDeltas_IsNoticed()
    {
        Noticed(Replace(19, "Step up.", "Step down."), "is 'Step down.', but the deltas gave 'Step up.'");
        Noticed(Replace(20, "Step up.", "Step down."), "part is 'Step down.'");
        Noticed(Replace(21, "Step up.", "Step down."), "item.content is 'Step down.'");
        Noticed(Replace(26, "{}\"}", "[]\"}"), "is '[]', but the deltas gave '{}'");
        Noticed(Replace(27, "{}\"}}", "[]\"}}"), "item.arguments is '[]'");
        Noticed(Replace(35, "Two.", "Three."), "transcript is 'Three.'");
    }

    [Fact]
    public void ItemIdThatChanges_IsNoticed()
    {
        Noticed(Replace(2, "u1", "u2"), "speech stops in u2, but it started in u1");
        Noticed(Replace(3, "u1", "u2"), "u2 is committed, but speech was in u1");
        Noticed(Replace(10, "a1", "a2"), "a2 has no response.output_item.added");
        Noticed(Replace(25, "\"output_index\":1", "\"output_index\":0"), "f1 has output_index 0, but was added at another");
        Noticed(Replace(29, "a1", "a2"), "ends with the items [a2, f1], but [a1, f1] were added");
        Noticed(Replace(35, "u1", "u2"), "u2 was never heard of");
    }

    [Fact]
    public void DeltaBeforeItsPart_IsNoticed() =>
        Noticed([.. Turn[..9], Turn[10], Turn[9], .. Turn[11..]], "content part 0 has no response.content_part.added");

    [Fact]
    public void OutOfBandItemInTheConversation_IsNoticed() => Noticed(
        [.. Turn, """{"type":"conversation.item.added","item":{"id":"o1"}}""", """{"type":"conversation.item.done","item":{"id":"o1"}}"""],
        "o1 is of a response out of band");

    [Fact]
    public void UnknownPreviousItem_IsNoticed() => Noticed(Replace(8, "\"u1\"", "\"u9\""), "a1 follows u9, which was never added");

    [Fact]
    public void ResponseDoneWithoutUsageOrFinalStatus_IsNoticed()
    {
        Noticed(Replace(29, "\"usage\":{}", "\"usage\":null"), "r1 is done without usage");
        Noticed(Replace(29, "\"completed\"", "\"in_progress\""), "its status is not final");
    }

    [Fact]
    public void OutputIndexWithAHole_IsNoticed() =>
        Noticed(Turn.Select(json => json.Replace("\"output_index\":1", "\"output_index\":2", StringComparison.Ordinal)), "f1 has output_index 2, but 1 is next");

    private static string[] Replace(int index, string old, string with)
    {
        string[] changed = [.. Turn];
        Assert.Contains(old, changed[index], StringComparison.Ordinal);
        changed[index] = changed[index].Replace(old, with, StringComparison.Ordinal);
        return changed;
    }

    private static void Noticed(IEnumerable<string> events, string text) =>
        Assert.Contains(Check(events), violation => violation.Contains(text, StringComparison.Ordinal));

    /// <summary>The ids are numbered here, so that a repeated event breaks its own rule and not only that of the ids.</summary>
    private static IReadOnlyList<string> Check(IEnumerable<string> events, bool complete = true) =>
        EventFlow.Violations(events.Select((json, index) => JsonElement.Parse($"{{\"event_id\":\"event_{index}\",{json[1..]}")), complete);
}

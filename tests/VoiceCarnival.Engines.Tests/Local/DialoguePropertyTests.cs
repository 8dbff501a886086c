using System.Text;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>Random callers: whatever they send, the events keep their schema and their order, and time goes on.</summary>
public sealed class DialoguePropertyTests
{
    private const string Everything = """
        {"seed":3,"turns":[
          {"heard":"a b","reply":[{"say":"one two three","ms":1200}]},
          {"reply":[{"wait_ms":150,"jitter_ms":100},{"say":"four","echo":true},{"call":"f","arguments":{"a":1}}]},
          {"heard":"c","reply":[{"text":"five six"},{"fault":"error"},{"say":"seven","ms":300},{"wait_ms":700},{"say":"eight","ms":2500}]},
          {"reply":[{"say":"nine","ms":100},{"fail":"server_error"}]},
          {"reply":[]}]}
        """;

    private static readonly string[] Templates =
    [
        """{"type":"session.update","session":{"type":"realtime","instructions":"x","audio":{"input":{"turn_detection":null}}}}""",
        """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":300,"idle_timeout_ms":5000}}}}}""",
        """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false,"prefix_padding_ms":0}}}}}""",
        """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"high","create_response":true}}}}}""",
        """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"whisper-1"}},"output":{"format":{"type":"audio/pcma"}}}}}""",
        """{"type":"session.update","session":{"type":"realtime","output_modalities":["text"],"max_output_tokens":7,"audio":{"input":{"format":{"type":"audio/pcm"}}}}}""",
        """{"type":"session.update","session":{"type":"realtime","output_modalities":["audio"],"max_output_tokens":"inf","tools":[{"type":"function","name":"f","parameters":{}}],"tool_choice":"required"}}""",
        """{"type":"input_audio_buffer.commit"}""",
        """{"type":"input_audio_buffer.clear"}""",
        """{"type":"input_audio_buffer.append","audio":"AAAAAAAA"}""",
        """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}}""",
        """{"type":"conversation.item.create","previous_item_id":"$ITEM","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"hello"}]}}""",
        """{"type":"conversation.item.create","previous_item_id":"root","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hello"}]}}""",
        """{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"$CALL","output":"ok"}}""",
        """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_audio","audio":"AAAAAAAAAAAA"}]}}""",
        """{"type":"conversation.item.retrieve","item_id":"$ITEM"}""",
        """{"type":"conversation.item.truncate","item_id":"$ITEM","content_index":0,"audio_end_ms":50}""",
        """{"type":"conversation.item.delete","item_id":"$ITEM"}""",
        """{"type":"response.create"}""",
        """{"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"},"input":[{"type":"item_reference","id":"$ITEM"}]}}""",
        """{"type":"response.create","response":{"max_output_tokens":3,"output_modalities":["audio"],"audio":{"output":{"format":{"type":"audio/pcmu"},"voice":"ash"}}}}""",
        """{"type":"response.cancel"}""",
        """{"type":"response.cancel","response_id":"$RESPONSE"}""",
        """{"type":"output_audio_buffer.clear"}""",
        """{"type":"made.up","event_id":"e"}""",
    ];

    // 425 once found a null that came back.
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24), 425];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomCaller_GetsWellFormedEventsInTheirOrder(int seed)
    {
        var random = new Random(seed);
        var options = new LocalEngineOptions { MaxItems = 40, MaxInputSeconds = 5, RetainedAudioSeconds = 4 };
        var h = new DialogueHarness(
            random.Next(3) == 0 ? null : DialogueHarness.Script(Everything), options,
            new OutputPace(random.Next(1, 9), TimeSpan.FromMilliseconds(random.Next(0, 500)), TimeSpan.FromMilliseconds(random.Next(20, 300)), random.Next(1, 4), TimeSpan.FromMilliseconds(random.Next(0, 50))),
            seed: seed, timeline: random.Next(3) == 0 ? new ScriptTimeline([(TimeSpan.FromSeconds(3), new ScriptFault(ScriptFaultKind.Malformed))]) : null);
        for (int step = 0; step < 250; step++)
        {
            switch (random.Next(10))
            {
                case < 4:
                    h.Send(Event(h, random));
                    break;
                case < 7:
                    Audio(h, random);
                    break;
                case 7:
                    h.SetRoom(random.Next(4) != 0);
                    break;
                default:
                    h.Advance(TimeSpan.FromMilliseconds(random.Next(5) == 0 ? random.Next(20_000) : random.Next(500)));
                    break;
            }
        }

        // At rest: the output has room, nobody speaks, no timeouts, all answers are given.
        h.SetRoom(true);
        h.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""");
        h.Advance(TimeSpan.FromMinutes(5));
        h.CheckFlow();
        Assert.Equal(h.Of("response.created").Select(e => e.Text("response.id")).Order(StringComparer.Ordinal), h.Of("response.done").Select(e => e.Text("response.id")).Order(StringComparer.Ordinal));
        Assert.True(h.WakeUps < h.Now.TotalSeconds * 200, $"{h.WakeUps} wake-ups in {h.Now}");
    }

    [Fact]
    public void LongSession_KeepsNoMoreThanItMay()
    {
        var h = new DialogueHarness(options: new LocalEngineOptions { MaxItems = 16, MaxInputSeconds = 10, RetainedAudioSeconds = 10 }, pace: new OutputPace(1000, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), 10, TimeSpan.Zero)) { Validates = false };
        byte[] turn = Tone.ToBytes([.. Speech.Hello, .. new short[24_000]]);
        long Held()
        {
            for (int i = 0; i < 40; i++)
            {
                h.SendAudioAtOnce(turn);
                h.Advance(2000);
            }

            h.Forget();
            return GC.GetTotalMemory(forceFullCollection: true);
        }

        Held();
        long before = Held();
        Held();
        Assert.InRange(Held() - before, long.MinValue, 4_000_000);
    }

    private static byte[] Event(DialogueHarness h, Random random)
    {
        string json = Templates[random.Next(Templates.Length)]
            .Replace("$ITEM", Pick(h, random, "conversation.item.added", "item.id"), StringComparison.Ordinal)
            .Replace("$CALL", Pick(h, random, "response.function_call_arguments.done", "call_id"), StringComparison.Ordinal)
            .Replace("$RESPONSE", Pick(h, random, "response.created", "response.id"), StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return random.Next(4) switch
        {
            0 => Mutate(bytes, random),
            _ => bytes,
        };
    }

    // Values change their type, fields go missing, text breaks off.
    private static byte[] Mutate(byte[] bytes, Random random)
    {
        string json = Encoding.UTF8.GetString(bytes);
        string[] values = ["null", "0", "-1", "1e300", "true", "\"\"", "[]", "{}", "[null]", "\"x\"", "99999999999", "\"\\ud83d\\ude00\"", "\"\\ud83d\""];
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            int colon = json.IndexOf(':', random.Next(json.Length));
            int end = colon < 0 ? -1 : json.IndexOfAny([',', '}'], colon);
            if (end > 0)
                json = random.Next(5) == 0 ? json[..colon] + json[end..] : json[..(colon + 1)] + values[random.Next(values.Length)] + json[end..];
            else
                json = json[..random.Next(json.Length)];
            if (json.Length == 0)
                break;
        }

        return Encoding.UTF8.GetBytes(json);
    }

    private static string Pick(DialogueHarness h, Random random, string type, string path)
    {
        var events = h.Of(type).ToList();
        return events.Count == 0 || random.Next(8) == 0 ? "nobody" : events[random.Next(Math.Max(0, events.Count - 6), events.Count)].Text(path)!;
    }

    private static void Audio(DialogueHarness h, Random random)
    {
        int at = random.Next(Speech.Question.Length - 30_000);
        short[] samples = random.Next(4) switch
        {
            0 => Tone.Noise(random.Next(), TimeSpan.FromMilliseconds(random.Next(400)), amplitude: 0.1),
            1 => new short[random.Next(24_000)],
            _ => Speech.Question[at..(at + random.Next(30_000))],
        };
        byte[] bytes = Tone.ToBytes(samples);
        if (random.Next(4) == 0 && bytes.Length > 1)
            bytes = bytes[..^1];
        if (random.Next(2) == 0)
            h.SendAudioAtOnce(bytes);
        else
            h.SendAudio(bytes, random.Next(1, 200));
    }
}

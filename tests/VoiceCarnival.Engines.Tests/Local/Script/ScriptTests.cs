using System.Text.Json;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local.Script;

public sealed class ScriptTests
{
    private static DialogueHarness Run(string json)
    {
        var problems = new List<string>();
        var script = ScriptCompiler.Compile(ScriptDocument.Parse(json, Path.Combine(AppContext.BaseDirectory, "assets")), problems);
        Assert.Empty(problems);
        return new DialogueHarness(new ScriptBrain(script), timeline: new ScriptTimeline(script.Timeline));
    }

    private static List<string> Problems(string json)
    {
        var problems = new List<string>();
        ScriptCompiler.Compile(ScriptDocument.Parse(json, "."), problems);
        return problems;
    }

    [Fact]
    public void FieldsThatAreLeftOut_HaveTheirDefaults()
    {
        var document = ScriptDocument.Parse("""{"connect":[{}],"turns":[{"reply":[{"say":"x"}]}]}""", ".");
        Assert.True(document.Repeat);
        Assert.Equal(429, document.Connect[0].Status);
        Assert.Equal("rate_limit_exceeded", document.Connect[0].Code);
        Assert.Equal(440, document.Turns[0].Reply[0].ToneHz);
        Assert.Empty(document.Timeline);
        Assert.Null(document.ExpireAfterMs);
    }

    [Fact]
    public void Say_IsAToneOfItsLength()
    {
        var h = Run("""{"turns":[{"reply":[{"say":"tone","tone_hz":880,"ms":1500}]}]}""");
        h.Send("""{"type":"response.create"}""");
        short[] samples = h.Samples(h.RunUntilDone().Text("response.output.0.id")!);
        Assert.Equal(1500 * 24, samples.Length);
        Assert.InRange(AudioCheck.DominantFrequency(samples), 878, 882);
        Assert.Empty(AudioCheck.Clicks(samples));
        h.CheckFlow();
    }

    [Fact]
    public void Say_WithoutLength_LastsAsLongAsItsWords()
    {
        var h = Run("""{"turns":[{"reply":[{"say":"0123456789"}]}]}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(600 * 24, h.Samples(h.RunUntilDone().Text("response.output.0.id")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void Say_FromAFile_IsTheFile()
    {
        var h = Run("""{"turns":[{"reply":[{"say":"hello","wav":"hello.wav"}]}]}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(Speech.Hello, h.Samples(h.RunUntilDone().Text("response.output.0.id")!));
        h.CheckFlow();
    }

    [Fact]
    public void Say_WithEcho_IsTheCallersAudio()
    {
        var h = Run("""{"turns":[{"reply":[{"say":"you said","echo":true}]}]}""");
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.Speak(Speech.Hello);
        h.Send("""{"type":"input_audio_buffer.commit"}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(Speech.Hello, h.Samples(h.RunUntilDone().Text("response.output.0.id")!));
        h.CheckFlow();
    }

    [Fact]
    public void StepsOfOneKind_AreOneItem_AndOtherKindsBeginNewOnes()
    {
        var h = Run("""{"turns":[{"reply":[{"text":"a "},{"text":"b"},{"say":"c","ms":100},{"say":"d","ms":100},{"call":"f"},{"text":"e"}]}]}""");
        h.Send("""{"type":"response.create"}""");
        var done = h.RunUntilDone();
        Assert.Equal(4, done.Find("response.output").GetArrayLength());
        Assert.Equal("a b", done.Text("response.output.0.content.0.text"));
        Assert.Equal("c d", done.Text("response.output.1.content.0.transcript"));
        Assert.Equal("{}", done.Text("response.output.2.arguments"));
        Assert.Equal("e", done.Text("response.output.3.content.0.text"));
        h.CheckFlow();
    }

    [Fact]
    public void Wait_DelaysWhatFollows()
    {
        var h = Run("""{"turns":[{"reply":[{"text":"a"},{"wait_ms":700},{"call":"f"}]}]}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(TimeSpan.Zero, h.Of("response.output_text.delta").First().At);
        h.RunUntilDone();
        Assert.Equal(TimeSpan.FromMilliseconds(700), h.Single("response.done").At);
        h.CheckFlow();
    }

    [Fact]
    public void Turns_RepeatOrEnd()
    {
        foreach (bool repeat in (bool[])[true, false])
        {
            var h = Run($$"""{"repeat":{{(repeat ? "true" : "false")}},"turns":[{"reply":[{"text":"a"}]},{"reply":[{"text":"b"}]}]}""");
            for (int i = 0; i < 3; i++)
                h.Send("""{"type":"response.create"}""");
            Assert.Equal(["a", "b", repeat ? "a" : "The script has ended."], h.Of("response.done").Select(d => d.Text("response.output.0.content.0.text")));
            h.CheckFlow();
        }
    }

    [Fact]
    public void Heard_IsTheTranscript()
    {
        var h = Run("""{"turns":[{"heard":"first words","reply":[]},{"heard":"second","reply":[]}]}""");
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null,\"transcription\":{\"model\":\"whisper-1\"}}}");
        for (int i = 0; i < 2; i++)
        {
            h.SendAudioAtOnce(new byte[9600]);
            h.Send("""{"type":"input_audio_buffer.commit"}""");
            h.Send("""{"type":"response.create"}""");
        }

        var completed = h.Of("conversation.item.input_audio_transcription.completed").ToList();
        Assert.Equal(["first words", "second"], completed.Select(e => e.Text("transcript")));
        Assert.All(completed, e => Assert.True(e.Find("usage.seconds").TryGetInt32(out int seconds) && seconds > 0, "a whole number, for the .NET client"));
        h.CheckFlow();
    }

    [Fact]
    public void Fail_EndsTheResponseWithItsError()
    {
        var h = Run("""{"turns":[{"reply":[{"say":"part","ms":200},{"fail":"server_error","message":"Broke."},{"text":"never"}]}]}""");
        h.Send("""{"type":"response.create"}""");
        var done = h.RunUntilDone();
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal("server_error", done.Text("response.status_details.error.code"));
        Assert.Equal("incomplete", done.Text("response.output.0.status"));
        h.CheckFlow();
    }

    [Fact]
    public void FaultsThatGoOn_LeaveTheSessionRunning()
    {
        var h = Run("""{"turns":[{"reply":[{"fault":"error","code":"my_code","message":"Oops."},{"fault":"malformed"},{"text":"on"}]}]}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("my_code", h.Single("error").Text("error.code"));
        Assert.ThrowsAny<JsonException>(() => JsonElement.Parse(Assert.Single(h.Malformed)));
        Assert.Equal("completed", h.RunUntilDone().Text("response.status"));
        h.CheckFlow();
    }

    [Theory]
    [InlineData("\"fault\":\"drop\"", TerminationKind.EngineFailed, true, null)]
    [InlineData("\"fault\":\"close\",\"code\":4000,\"message\":\"bye\"", TerminationKind.EngineFailed, false, 4000)]
    [InlineData("\"fault\":\"close\"", TerminationKind.EngineFailed, false, 1011)]
    [InlineData("\"fault\":\"expire\"", TerminationKind.Expired, false, null)]
    public void FaultsThatEnd_EndTheSessionAtOnce(string fault, TerminationKind kind, bool abrupt, int? code)
    {
        foreach (string json in (string[])
        [
            $$"""{"turns":[{"reply":[{"text":"a"},{ {{fault}} },{"text":"never"},{ {{fault}} }]}]}""",
            $$"""{"turns":[{"reply":[{"wait_ms":100},{"text":"never"}]}],"timeline":[{"at_ms":50,{{fault}} },{"at_ms":50,{{fault}} },{"at_ms":50,"fault":"error"}]}""",
        ])
        {
            var h = Run(json);
            h.Send("""{"type":"response.create"}""");
            h.Advance(1000);
            Assert.Equal(kind, h.Termination!.Kind);
            Assert.Equal(abrupt, h.Termination.Abrupt);
            Assert.Equal(code, h.Termination.CloseCode);
            Assert.DoesNotContain(h.Of("response.output_text.delta"), e => e.Text("delta") == "never");
            h.CheckFlow();
        }
    }

    [Fact]
    public void ResponsesOutOfBand_ThatEndTheSessionTogether_EndItOnce()
    {
        var h = Run("""{"turns":[{"reply":[{"wait_ms":100},{"fault":"drop"}]}]}""");
        for (int i = 0; i < 3; i++)
            h.Send("""{"type":"response.create","response":{"conversation":"none"}}""");
        h.Advance(1000);
        Assert.NotNull(h.Termination);
        h.CheckFlow();
    }

    [Fact]
    public void Fault_InTheMiddleOfAChunkOfAudio_EndsTheSessionThere()
    {
        var h = Run("""{"turns":[{"reply":[{"fault":"drop"}]}]}""");
        h.SendAudioAtOnce(Tone.ToBytes([.. Speech.Hello, .. new short[24_000], .. Speech.Hello, .. new short[24_000]]));
        Assert.NotNull(h.Termination);
        h.CheckFlow();
    }

    [Fact]
    public void SameSeed_GivesTheSameRun()
    {
        List<string> Times(int seed)
        {
            var h = Run($$"""{"seed":{{seed}},"turns":[{"reply":[{"wait_ms":100,"jitter_ms":500},{"text":"a"},{"wait_ms":0,"jitter_ms":500},{"say":"b","ms":700}]}]}""");
            for (int i = 0; i < 3; i++)
            {
                h.Send("""{"type":"response.create"}""");
                h.RunUntilDone();
            }

            h.CheckFlow();
            return [.. h.Events.Select(e => $"{e.At} {e.Type}")];
        }

        Assert.Equal(Times(5), Times(5));
        Assert.NotEqual(Times(5), Times(6));
    }

    [Fact]
    public void NumbersOutOfRange_AreEachListed()
    {
        var problems = Problems("""
            {"start_delay_ms":-1,"expire_after_ms":-1,"connect":[{"retry_after_ms":-1}],
             "pace":{"speed":0,"lead_ms":-1,"delta_ms":0,"burst":0,"jitter_ms":-1},
             "turns":[{"reply":[{"wait_ms":-5,"jitter_ms":-1}]}],
             "timeline":[{"at_ms":-1,"fault":"drop"}]}
            """);
        string[] places = ["start_delay_ms", "expire_after_ms", "connect[0].retry_after_ms", "pace.speed", "pace.lead_ms", "pace.delta_ms", "pace.burst",
            "pace.jitter_ms", "turns[0].reply[0].wait_ms", "turns[0].reply[0].jitter_ms", "timeline[0].at_ms"];
        Assert.Equal(places.Order(StringComparer.Ordinal), problems.Select(p => p.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WrongScript_HasAllItsProblemsListed()
    {
        var problems = Problems("""
            {"connect":[{"status":200}],
             "turns":[{"reply":[{},{"say":"a","text":"b"},{"say":"c","tone_hz":5,"ms":0},{"say":"d","wav":"missing.wav"},{"fault":"explode"},{"fault":"close","code":1005}]}],
             "timeline":[{"at_ms":1,"fault":"what"}]}
            """);
        string[] places = ["turns[0].reply[0]", "turns[0].reply[1]", "turns[0].reply[2].tone_hz", "turns[0].reply[2].ms", "turns[0].reply[3].wav",
            "turns[0].reply[4].fault", "turns[0].reply[5].code", "connect[0].status", "timeline[0].fault"];
        Assert.Equal(places.Order(StringComparer.Ordinal), problems.Select(p => p.Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.Contains("turns", Assert.Single(Problems("{}")), StringComparison.Ordinal);
    }

    [Fact]
    public void WrongTypes_AreEachListed_AndHideNothing()
    {
        var problems = new List<string>();
        ScriptFile.Read("""
            {"seed":"x","repeat":1,"made_up":2,"start_delay_ms":-1,"connect":["429",{"status":"429","message":5},{"status":200}],
             "pace":{"speed":"fast","delta_ms":1.5,"burst":0},
             "turns":[{"reply":[{"say":7},{"say":"a","ms":"long"},{"text":"b","echo":"yes"},{}]},{"reply":"none"},5],
             "timeline":[{"at_ms":1},{"at_ms":"soon","fault":"what"}]}
            """, ".", problems);
        string[] places = ["seed", "repeat", "made_up", "start_delay_ms", "connect[0]", "connect[1].status", "connect[1].message", "connect[2].status", "pace.speed", "pace.delta_ms", "pace.burst",
            "turns[0].reply[0].say", "turns[0].reply[1].ms", "turns[0].reply[2].echo", "turns[0].reply[3]", "turns[1].reply", "turns[2]", "timeline[0].fault", "timeline[1].at_ms", "timeline[1].fault"];
        Assert.Equal(places.Order(StringComparer.Ordinal), problems.Select(p => p.Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.Contains("turns[0].reply[0].say: must be text (is 7).", problems);
    }

    [Fact]
    public void CallThatIsNone_IsAProblemInItsPlace() => Assert.Equal(
        ["turns[0].reply[0].call", "turns[0].reply[0].arguments", "turns[0].reply[1].call"],
        Problems("""{"turns":[{"reply":[{"call":"","arguments":5},{"call":"two words"},{"call":"fine_1","arguments":null}]}]}""").Select(p => p.Split(':')[0]));

    [Theory]
    [InlineData("""{"turns":[null]}""")]
    [InlineData("""{"turns":[{"reply":[null]}]}""")]
    [InlineData("""{"turns":[{"reply":[]}],"connect":[null]}""")]
    [InlineData("""{"turns":[{"reply":[]}],"timeline":[null]}""")]
    public void NullInAList_IsAProblem(string json) => Assert.Contains("null", Assert.Single(Problems(json)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"turns\":null}")]
    [InlineData("{\"turns\":[{\"reply\":null}]}")]
    [InlineData("{\"pace\":null,\"turns\":[]}")]
    [InlineData("{\"made_up\":1}")]
    [InlineData("{\"seed\":\"x\"}")]
    [InlineData("{\"timeline\":[{\"at_ms\":1}]}")]
    public void NoScript_IsSaidToBeNone(string json) => Assert.ThrowsAny<JsonException>(() => ScriptDocument.Parse(json, "."));

    [Fact]
    public void File_ThatIsMissing_IsAProblem()
    {
        var problems = new List<string>();
        Assert.Null(ScriptFile.Load("/nonexistent/script.json", problems));
        Assert.Contains("cannot be read", Assert.Single(problems), StringComparison.Ordinal);
    }
}

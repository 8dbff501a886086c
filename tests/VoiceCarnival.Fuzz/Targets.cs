using System.Text;
using System.Text.Json;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.OpenAIRealtime.Calls;
using VoiceCarnival.Engines.OpenAIRealtime.Webhooks;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Realtime.Beta;
using VoiceCarnival.Sessions;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Fuzz;

/// <summary>One target for each parser that sees bytes from outside.</summary>
internal static class Targets
{
    private static readonly string[] Events =
    [
        """{"type":"session.update","event_id":"e","session":{"type":"realtime","instructions":"x","output_modalities":["text"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":{"model":"m","languages":["en"]},"noise_reduction":{"type":"near_field"},"turn_detection":{"type":"server_vad","threshold":0.5,"idle_timeout_ms":5000}},"output":{"voice":"ash","speed":1.5}}}}""",
        """{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"f","parameters":{"a":["\ud83d\ude00"]}}],"tool_choice":{"type":"function","name":"f"},"truncation":{"type":"retention_ratio","retention_ratio":0.5},"tracing":{"metadata":{}},"prompt":{"id":"p"},"include":["item.input_audio_transcription.logprobs"],"max_output_tokens":"inf"}}""",
        """{"type":"conversation.item.create","previous_item_id":"root","item":{"id":"a","type":"message","role":"user","content":[{"type":"input_text","text":"h\u00e9"},{"type":"input_audio","audio":"AAAA"}]}}""",
        """{"type":"conversation.item.create","item":{"type":"mcp_approval_response","approval_request_id":"r","approve":true}}""",
        """{"type":"conversation.item.create","item":{"type":"function_call","name":"f","call_id":"c","arguments":"{}"}}""",
        """{"type":"conversation.item.truncate","item_id":"spoken","content_index":0,"audio_end_ms":10}""",
        """{"type":"conversation.item.retrieve","item_id":"known"}""",
        """{"type":"conversation.item.delete","item_id":"known"}""",
        """{"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"},"input":[{"type":"item_reference","id":"known"},{"type":"message","role":"user","content":[]}],"audio":{"output":{"voice":{"id":"v"}}},"max_output_tokens":3}}""",
        """{"type":"response.cancel","response_id":"r"}""",
        """{"type":"input_audio_buffer.append","audio":"AAAAAAAA"}""",
        """{"type":"input_audio_buffer.commit"}""",
    ];

    private static readonly string[] BetaEvents =
    [
        """{"type":"session.update","event_id":"e","session":{"modalities":["text","audio"],"voice":"ash","speed":1,"input_audio_format":"pcm16","output_audio_format":"g711_ulaw","input_audio_transcription":{"model":"m"},"input_audio_noise_reduction":null,"turn_detection":null,"max_response_output_tokens":"inf","temperature":0.7,"client_secret":{}}}""",
        """{"type":"transcription_session.update","input_audio_format":"pcm16","include":[]}""",
        """{"type":"transcription_session.update","session":{"input_audio_format":"g711_alaw"}}""",
        """{"type":"response.create","response":{"modalities":["text"],"voice":"v","output_audio_format":"pcm16","temperature":1,"input":[{"type":"message","role":"assistant","content":[{"type":"text","text":"\u00e9"}]}]}}""",
        """{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"audio","transcript":"x"}]}}""",
        """{"type":"session.updated","session":{"type":"realtime","output_modalities":["audio"],"audio":{"input":{"format":{"type":"audio/pcm"}},"output":{"voice":{"id":"v"}}}}}""",
        """{"type":"response.done","response":{"output_modalities":["text"],"audio":{"output":{"voice":"v"}},"output":[{"role":"assistant","content":[{"type":"output_audio"}]}]}}""",
        """{"type":"conversation.item.added","item":{"role":"assistant","content":[{"type":"output_text"}]}}""",
        """{"event_id":"e","delta":"AAAA","type":"response.output_audio.delta"}""",
        """{"type":"error","error":{"message":"Unknown 'session.audio.output.voice'.","param":"session.audio.output.voice"}}""",
    ];

    private const string Script =
        """{"seed":1,"connect":[{"status":503}],"pace":{"speed":2,"lead_ms":1},"turns":[{"heard":"x","reply":[{"say":"a","ms":5},{"say":"b","echo":true},{"say":"c","wav":"none.wav"},{"text":"d"},{"call":"f","arguments":{"a":1}},{"wait_ms":1,"jitter_ms":2},{"fault":"close","code":4000},{"fail":"x"}]}],"timeline":[{"at_ms":5,"fault":"drop"}]}""";

    public static IReadOnlyList<Target> All { get; } =
    [
        new("events", Receive, [.. Events.Select(Encoding.UTF8.GetBytes)]),
        new("peek", bytes => ClientEventPeek.KindOf(bytes), [.. Events.Select(Encoding.UTF8.GetBytes)]),
        new("append", Append, [.. ((string[])[Events[10], """{"event_id":"e","audio":"\/w==","type":"input_audio_buffer.append"}""", """{"audio":"+A\u003d=","x":[{}]}"""]).Select(Encoding.UTF8.GetBytes)]),
        new("beta", TranslateBeta, [.. BetaEvents.Concat(Events).Select(Encoding.UTF8.GetBytes)]),
        new("frames", ReadFrames,
            [
                [1, 7, .. Convert.FromHexString("818537fa213d7f9f4d5158" + "898000000000" + "888200000000" + "03e8")],
                [0, 3, .. Convert.FromHexString("010348656c" + "8900" + "80026c6f" + "8202c3bc" + "880603e8c3bcc3bc")],
                [0, 1, .. Convert.FromHexString("827e0080"), .. new byte[128], .. Convert.FromHexString("0101c3" + "8001bc")],
            ]),
        new("webhook", ReadWebhook,
        [
            Encoding.UTF8.GetBytes("""{"id":"evt_1","object":"event","type":"realtime.call.incoming","data":{"call_id":"rtc_1","sip_media_security":"srtp","sip_headers":[{"name":"From","value":"\"A\" <sip:+4930123@h;user=phone>;tag=1"},{"name":"To","value":"tel:+1;x=y"}]}}"""),
            Encoding.UTF8.GetBytes("""{"type":"live.transport.incoming","data":{"session_id":"live_1"}}"""),
        ]),
        new("script", ReadScript, [Encoding.UTF8.GetBytes(Script)]),
        new("wav", ReadWav, [Wav(1, 16, 24_000, 1), Wav(1, 8, 8000, 2), Wav(3, 32, 48_000, 1), Wav(7, 8, 8000, 1)]),
        .. NetTargets.All,
        .. MediaTargets.All,
        .. SctpTargets.All,
        .. WebRtcTargets.All,
        .. SipTargets.All,
        .. SpeechTargets.All,
    ];

    public static Target? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    private static void ReadWebhook(byte[] bytes)
    {
        var pattern = HeaderPattern.TryParse("/(sip:)?\\+?[0-9]*(@.*)?/", out _)!;
        IncomingCall.TypeOf(bytes);
        string text = Encoding.UTF8.GetString(bytes);
        WebhookSignature.TryParse("whsec_AAAA")!.Verifies(text, text, text, bytes, DateTimeOffset.UnixEpoch);
        HeaderPattern.CallerIn(text);
        pattern.Matches(text);
        foreach (var header in IncomingCall.TryRead(bytes)?.Headers ?? [])
            pattern.Matches(header.Value);
    }

    private static void Receive(byte[] bytes)
    {
        var output = new CheckedOutput();
        var options = new LocalEngineOptions();
        var dialogue = new Dialogue(
            new DialogueSetup
            {
                Session = new RealtimeSession { Id = "sess_1", Model = "m" },
                Brain = new EchoBrain(),
                Options = options,
                Pace = OutputPace.From(options),
                CreateDetector = static format => new EnergyVoiceActivityDetector(format.SampleRate),
                ExpiresAt = TimeSpan.FromHours(1),
            }, output);
        dialogue.Start(TimeSpan.Zero);
        Send(dialogue, """{"type":"conversation.item.create","item":{"id":"known","type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}"""u8.ToArray());
        Send(dialogue, bytes);
        Send(dialogue, """{"type":"response.create"}"""u8.ToArray());
        dialogue.AdvanceTo(TimeSpan.FromSeconds(1));
    }

    private static void Send(Dialogue dialogue, byte[] bytes) => dialogue.Receive(ClientEventPeek.KindOf(bytes), bytes, TimeSpan.Zero);

    private static void Append(byte[] bytes)
    {
        var error = AppendEvent.TryDecode(bytes, out var audio);
        if (error is null && audio.Span.Length > bytes.Length)
            throw new InvalidOperationException("More audio came out than went in.");
        audio.Dispose();
    }

    private static void TranslateBeta(byte[] bytes)
    {
        var up = BetaClientEvent.Translate(bytes);
        if (up.Error is null && !up.Utf8Json.Span.SequenceEqual(bytes))
            RequireJson(up.Utf8Json.Span);
        if (ServerEventPeek.TypeOf(bytes) is not { } type)
            return;
        if (BetaServerEvent.Rewrite(type, bytes) is { } down)
            RequireJson(down);
        if (RenamedEvent.TryCreate(bytes, "response.audio.delta"u8, out var renamed))
            renamed.CopyTo(new byte[renamed.Length]);
    }

    // The first byte picks our end, the second the sizes of the pieces; however the rest is cut, it must say the same.
    private static void ReadFrames(byte[] bytes)
    {
        if (bytes.Length < 2)
            return;
        var role = (bytes[0] & 1) == 0 ? WebSocketRole.Client : WebSocketRole.Server;
        var whole = FrameReading.Of(bytes.AsSpan(2), role, int.MaxValue);
        if (whole != FrameReading.Of(bytes.AsSpan(2), role, 1) || whole != FrameReading.Of(bytes.AsSpan(2), role, bytes[1], 1, bytes[1] / 2))
            throw new InvalidOperationException("The same bytes in other pieces say something else.");
    }

    private static void ReadScript(byte[] bytes)
    {
        try
        {
            ScriptCompiler.Compile(ScriptDocument.Parse(Encoding.UTF8.GetString(bytes), "/nonexistent"), []);
        }
        catch (JsonException)
        {
            // What a text that is no script is answered with.
        }
    }

    private static void RequireJson(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        while (reader.Read())
        {
        }
    }

    private static void ReadWav(byte[] bytes)
    {
        if (WavReader.TryRead(bytes, out var wav, out _))
            wav.ToMono();
    }

    private static byte[] Wav(ushort encoding, ushort bits, int rate, ushort channels)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write("RIFF"u8);
        writer.Write(36 + 16);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write(encoding);
        writer.Write(channels);
        writer.Write(rate);
        writer.Write(rate * channels * bits / 8);
        writer.Write((ushort)(channels * bits / 8));
        writer.Write(bits);
        writer.Write("data"u8);
        writer.Write(16);
        writer.Write(new byte[16]);
        return bytes.ToArray();
    }

    /// <summary>Takes events and insists that each is JSON.</summary>
    private sealed class CheckedOutput : IVoiceEngineOutput
    {
        public bool OnEvent(string type, ReadOnlySpan<byte> utf8Json)
        {
            RequireJson(utf8Json);
            return true;
        }

        public bool OnAudio(in EngineAudio audio) => true;

        public void OnEnded(SessionTermination termination)
        {
        }
    }
}

using System.Text.Json;

namespace VoiceCarnival.Browser.Tests;

/// <summary>
/// <c>RealtimeSession</c> of npm <c>@openai/agents-realtime</c> over its own WebRTC transport, as the package ships it for browsers, on somebody else's page with a client secret of ours.
/// </summary>
public sealed class AgentsSdkTests(SpeakingBrowser browser)
{
    private static readonly string Interop = Path.Combine(ServerProcess.Root, "tests", "VoiceCarnival.Interop.Tests");
    private static readonly string Bundle = Path.Combine(Interop, "node", "node_modules", "@openai", "agents-realtime", "dist", "bundle");

    private const string Converse = """
        async ({ server, secret }) => {
          const { OpenAIRealtimeWebRTC, RealtimeAgent, RealtimeSession, tool } = await import('/openai-realtime-agents.mjs');
          const events = [], problems = [], calls = [];
          let next = 0, wake = () => {};
          const add = event => { events.push(event); wake(); };
          const until = async type => {
            const deadline = Date.now() + 30_000;
            for (;;) {
              while (next < events.length) if (events[next++].type === type) return events[next - 1];
              if (Date.now() > deadline) throw new Error(`no ${type}; came: ${events.map(event => event.type).join(' ')}; problems: ${problems.join('; ')}`);
              await new Promise(resolve => { wake = resolve; setTimeout(resolve, 250); });
            }
          };
          const getTime = tool({
            name: 'get_time',
            description: 'Tells the time.',
            strict: true,
            parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'], additionalProperties: false },
            execute: async input => { calls.push(JSON.stringify(input)); return '12:00'; },
          });
          const agent = new RealtimeAgent({ name: 'Test', instructions: 'Be brief.', voice: 'verse', tools: [getTime] });
          // The microphone speaks without end, so it is switched off until somebody shall be heard.
          const mediaStream = await navigator.mediaDevices.getUserMedia({ audio: true });
          mediaStream.getAudioTracks()[0].enabled = false;
          const session = new RealtimeSession(agent, { model: 'gpt-realtime-2.1', transport: new OpenAIRealtimeWebRTC({ mediaStream }) });
          const say = async () => {
            session.mute(false);
            await until('input_audio_buffer.speech_started');
            await new Promise(resolve => setTimeout(resolve, 1000));
            session.mute(true);
          };
          session.on('error', error => problems.push(JSON.stringify(error?.error ?? error)));
          session.on('agent_tool_end', (_context, _agent, _tool, result) => add({ type: 'sdk.agent_tool_end', result }));
          session.transport.on('*', add);
          await session.connect({ apiKey: secret, url: `${server}/v1/realtime/calls?transport=webrtc` });
          const result = { id: session.transport.callId, transport: session.transport.constructor.name };

          // 1. Spoken; the answer is heard as a track.
          await say();
          result.spoken = (await until('response.done')).response.status;
          next = 0;
          await until('output_audio_buffer.stopped');
          const stats = [...(await session.transport.connectionState.peerConnection.getStats()).values()];
          result.energy = stats.find(s => s.type === 'inbound-rtp').totalAudioEnergy;

          // 2. Typed.
          session.sendMessage('Good morning.');
          result.typed = (await until('response.output_text.done')).text;
          await until('response.done');

          // 3. A tool.
          session.sendMessage('What time is it?');
          result.tool = (await until('sdk.agent_tool_end')).result;
          result.arguments = calls.join();
          result.answer = (await until('response.output_text.done')).text;
          await until('response.done');

          // 4. Spoken over.
          session.sendMessage('Tell me a story.');
          await until('output_audio_buffer.started');
          const cut = next;
          await say();
          next = cut;
          result.interrupted = (await until('response.done')).response.status;
          next = cut;
          result.truncated = (await until('conversation.item.truncated')).audio_end_ms;
          next = cut;
          await until('output_audio_buffer.cleared');
          result.history = session.history.filter(item => item.type === 'message').map(item => item.role).slice(0, 4);
          session.close();
          result.problems = problems;
          return result;
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SpokenTypedToolAndInterruption(bool isRelayed)
    {
        Assert.SkipUnless(Directory.Exists(Bundle), $"The package is not installed. Run `npm ci` in {Path.Combine(Interop, "node")}, or tests/run.sh, which does.");
        using var frontend = new Frontend(Bundle);
        await using var local = await ServerProcess.StartAsync(
            ("VoiceCarnival:Engine", "local"), ("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", Path.Combine(Interop, "conversation.json")),
            ("VoiceCarnival:Access:AllowedOrigins:0", frontend.Origin));
        await using var relay = !isRelayed ? null : await ServerProcess.StartAsync(
            ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(local.Address, "v1").ToString()),
            ("VoiceCarnival:Access:AllowedOrigins:0", frontend.Origin));
        var server = relay ?? local;
        using var client = new HttpClient { BaseAddress = server.Address };
        using var minted = await client.PostAsync("/v1/realtime/client_secrets", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"));
        string secret = JsonElement.Parse(await minted.Content.ReadAsByteArrayAsync()).GetProperty("value").GetString()!;
        Assert.StartsWith("ek_", secret, StringComparison.Ordinal);

        await using var opened = await browser.OpenAsync();
        await opened.Page.GotoAsync(frontend.Origin);
        var result = await opened.Page.EvaluateAsync<JsonElement>(Converse, new { server = server.Address.ToString().TrimEnd('/'), secret });
        Assert.Equal("[]", result.GetProperty("problems").GetRawText());
        Assert.Matches("^rtc_[A-Za-z0-9]{21}$", result.GetProperty("id").GetString());
        Assert.Equal("completed", result.GetProperty("spoken").GetString());
        Assert.True(result.GetProperty("energy").GetDouble() > 0.001, $"nothing was heard: {result}");
        Assert.Equal("Good morning to you.", result.GetProperty("typed").GetString());
        Assert.Equal("12:00", result.GetProperty("tool").GetString());
        Assert.Equal("""{"zone":"UTC"}""", result.GetProperty("arguments").GetString());
        Assert.Equal("It is noon.", result.GetProperty("answer").GetString());
        Assert.Equal("cancelled", result.GetProperty("interrupted").GetString());
        Assert.InRange(result.GetProperty("truncated").GetInt32(), 1, 60_000);
        Assert.Equal(["user", "assistant", "user", "assistant"], result.GetProperty("history").EnumerateArray().Select(role => role.GetString()));
        // The SDK closes the connection without a word; that ends the session.
        await opened.Page.WaitForFunctionAsync("async server => (await (await fetch(server + 'api/sessions')).json()).sessions.length === 0", server.Address.ToString(), new() { Timeout = 20_000 });
    }
}

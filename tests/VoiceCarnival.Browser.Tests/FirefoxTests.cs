using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Firefox's own WebRTC against this server.</summary>
public sealed class FirefoxTests
{
    /// <summary>
    /// Makes what plays a recording the call's microphone, since Firefox's own is a steady tone, which is speech to nobody; and tells how much a recording of the call is like it, by the
    /// loudness of each 20 ms, where they fit best.
    /// </summary>
    private const string Voice = """
        async () => {
          const bytes = Uint8Array.from(atob('WAV'), character => character.charCodeAt(0));
          // A new one each time: when it has ended, so has its track.
          const say = async () => {
            const audio = new Audio(URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' })));
            await new Promise((resolve, reject) => { audio.onloadeddata = resolve; audio.onerror = reject; });
            await call.pc.getSenders()[0].replaceTrack(audio.mozCaptureStream().getAudioTracks()[0]);
            await audio.play();
          };
          const loudness = async encoded => {
            const samples = (await new OfflineAudioContext(1, 1, 24_000).decodeAudioData(encoded)).getChannelData(0);
            return Array.from({ length: Math.floor(samples.length / 480) }, (_, i) => Math.sqrt(samples.subarray(i * 480, i * 480 + 480).reduce((sum, sample) => sum + sample * sample, 0)));
          };
          const level = loud => { const mean = loud.reduce((sum, a) => sum + a, 0) / loud.length; return loud.map(a => a - mean); };
          const fit = (said, heard) => {
            let best = 0;
            for (let lag = -said.length; lag < heard.length; lag++) {
              let both = 0, one = 0, other = 0;
              said.forEach((a, i) => { const b = heard[i + lag] ?? 0; both += a * b; one += a * a; other += b * b; });
              best = Math.max(best, both / Math.sqrt(one * other || 1));
            }
            return best;
          };
          const likeness = async encoded => {
            const [said, heard] = [level(await loudness(bytes.buffer.slice(0))), level(await loudness(encoded))];
            return { forwards: fit(said, heard), backwards: fit(said.toReversed(), heard) };
          };
          window.voice = { say, likeness };
        }
        """;

    private const string Page = """
        () => {
          const Peer = RTCPeerConnection;
          window.peers = [];
          window.RTCPeerConnection = class extends Peer {
            constructor(...options) { super(...options); peers.push(this); }
          };
          window.at = id => document.querySelector(`[data-testid="${id}"]`);
          window.captions = side => [...at('captions').querySelectorAll(`li.${side}`)].map(line => line.textContent).join('\n');
          window.inCall = () => ['listening', 'speaking', 'hearing', 'thinking', 'ready', 'muted'].includes(window.voiceCarnival?.state);
          window.inbound = async () => [...(await peers.at(-1).getStats()).values()].find(entry => entry.type === 'inbound-rtp');
          window.until = async (what, condition) => {
            for (const deadline = Date.now() + 40_000; !(await condition()); await new Promise(resolve => setTimeout(resolve, 50)))
              if (Date.now() > deadline) throw new Error(`not ${what}: ${window.voiceCarnival?.state}; ${window.voiceCarnival?.notice}; ${at('captions')?.textContent}`);
          };
        }
        """;

    private const string UntilNoSession = """
        async () => {
          for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
            const { sessions } = await (await fetch('/api/sessions')).json();
            if (!sessions.length) return 0;
            await new Promise(resolve => setTimeout(resolve, 200));
          }
          return 1;
        }
        """;

    [Fact]
    public async Task Firefox_SpeaksHearsItsEcho_SendsALongMessage_RestartsItsPath_AndHangsUp()
    {
        Assert.SkipUnless(File.Exists(Firefox.Path), $"There is no Firefox at {Firefox.Path}. On Debian: apt-get install firefox-esr.");
        Assert.SkipUnless(HasOutwardAddress(), "Firefox does not pair its candidates with loopback, and this machine has no other address.");
        await using var server = await ServerProcess.StartAsync();
        await using var firefox = await Firefox.LaunchAsync();
        await firefox.GoToAsync(server.Address);
        await firefox.EvaluateAsync(BareWebRtcTests.Call);

        // Its microphone is a steady tone, which is no speech to the detector: the turn is ended by hand.
        var heard = await firefox.EvaluateAsync("""
            async () => {
              const send = event => call.dc.send(JSON.stringify(event));
              send({ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: null } } } });
              await call.until('session.updated');
              send({ type: 'input_audio_buffer.clear' });
              await call.until('input_audio_buffer.cleared');
              // A second and a half of it, by what has left.
              const sent = async () => (await call.stats()).find(s => s.type === 'outbound-rtp').packetsSent;
              for (const enough = await sent() + 75; await sent() < enough;) await new Promise(resolve => setTimeout(resolve, 50));
              send({ type: 'input_audio_buffer.commit' });
              await call.until('input_audio_buffer.committed');
              send({ type: 'response.create' });
              await call.until('output_audio_buffer.started');
              await call.until('output_audio_buffer.stopped');
              const inbound = (await call.stats()).find(s => s.type === 'inbound-rtp');
              return { packets: inbound.packetsReceived, energy: inbound.totalAudioEnergy };
            }
            """);
        Assert.InRange(heard.GetProperty("packets").GetInt32(), 50, 100_000);
        Assert.True(heard.GetProperty("energy").GetDouble() > 0.0001, $"nothing was heard: {heard}");

        var length = await firefox.EvaluateAsync("""
            async () => {
              const update = instructions => call.dc.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime', instructions } }));
              update('x'.repeat(200_000));
              const long = (await call.until('session.updated')).session.instructions.length;
              await call.exchange('PATCH', call.location, { iceRestart: true });
              update('after');
              await call.until('session.updated');
              for (const deadline = Date.now() + 20_000; call.pc.connectionState !== 'connected'; await new Promise(resolve => setTimeout(resolve, 50)))
                if (Date.now() > deadline) throw new Error(call.pc.connectionState);
              return long;
            }
            """);
        Assert.Equal(200_000, length.GetInt32());

        await firefox.EvaluateAsync("async () => { call.dc.close(); await call.closed; }");
        var left = await firefox.EvaluateAsync(UntilNoSession);
        Assert.Equal(0, left.GetInt32());
    }

    [Fact]
    public async Task Firefox_IsUnderstoodAndSaidBack_Interrupts_AndIsHungUpOn_OrLeaves()
    {
        Assert.SkipUnless(File.Exists(Firefox.Path), $"There is no Firefox at {Firefox.Path}. On Debian: apt-get install firefox-esr.");
        Assert.SkipUnless(HasOutwardAddress(), "Firefox does not pair its candidates with loopback, and this machine has no other address.");
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival__Local__Echo", "audio"));
        await using var firefox = await Firefox.LaunchAsync();
        await firefox.GoToAsync(server.Address);
        await firefox.EvaluateAsync(BareWebRtcTests.Call);
        await firefox.EvaluateAsync(Voice.Replace("WAV", Convert.ToBase64String(await File.ReadAllBytesAsync(Path.Combine(ServerProcess.Root, "tests", "assets", "hello.wav")))));

        var likeness = await firefox.EvaluateAsync("""
            async () => {
              const recorder = new MediaRecorder(new MediaStream([call.pc.getReceivers()[0].track]));
              const parts = [];
              recorder.ondataavailable = event => parts.push(event.data);
              await voice.say();
              await call.until('input_audio_buffer.speech_started');
              recorder.start();
              await call.until('output_audio_buffer.started');
              await call.until('output_audio_buffer.stopped');
              await new Promise(resolve => { recorder.onstop = resolve; recorder.stop(); });
              return await voice.likeness(await new Blob(parts).arrayBuffer());
            }
            """);
        double forwards = likeness.GetProperty("forwards").GetDouble();
        Assert.True(forwards > 0.5 && forwards > likeness.GetProperty("backwards").GetDouble() + 0.1, $"what came back is not what was said: {likeness}");

        // Another agent: it counts aloud, with captions, until it is interrupted. We hang up on this call.
        await firefox.EvaluateAsync("async () => { call.dc.close(); await call.closed; }");
        await firefox.EvaluateAsync(BareWebRtcTests.Call.Replace("transport=webrtc", "transport=webrtc&model=voicecarnival-concierge"));
        var interrupted = await firefox.EvaluateAsync("""
            async () => {
              call.dc.send(JSON.stringify({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Please count to thirty.' }] } }));
              call.dc.send(JSON.stringify({ type: 'response.create' }));
              const caption = (await call.until('response.output_audio_transcript.delta')).delta;
              await call.until('output_audio_buffer.started');
              await voice.say();
              await call.until('output_audio_buffer.cleared');
              const heard = (await call.until('conversation.item.truncated')).audio_end_ms;
              fetch(call.location + '/hangup', { method: 'POST' });
              await call.closed;
              return { caption, heard };
            }
            """);
        Assert.NotEmpty(interrupted.GetProperty("caption").GetString()!);
        Assert.InRange(interrupted.GetProperty("heard").GetInt32(), 1, 20_000);

        // The page is left in mid-call.
        await firefox.EvaluateAsync(BareWebRtcTests.Call);
        await firefox.GoToAsync(server.Address);
        var left = await firefox.EvaluateAsync(UntilNoSession);
        Assert.Equal(0, left.GetInt32());
    }

    [Fact]
    public async Task ThePage_InFirefox_TypesAndTalks_ComesBackAfterAReload_AndHangsUp()
    {
        Assert.SkipUnless(File.Exists(Firefox.Path), $"There is no Firefox at {Firefox.Path}. On Debian: apt-get install firefox-esr.");
        Assert.SkipUnless(HasOutwardAddress(), "Firefox does not pair its candidates with loopback, and this machine has no other address.");
        await using var server = await ServerProcess.StartAsync();
        await using var firefox = await Firefox.LaunchAsync();
        await firefox.PreloadAsync(Page);
        await firefox.GoToAsync(new Uri(server.Address, "?transport=webrtc"));
        string session = (await firefox.EvaluateAsync("""
            async () => {
              await until('a page that is ready', () => !at('talk-button').disabled);
              at('talk-button').click();
              await until('a call', () => inCall());
              at('text-input').value = 'twelve green bottles';
              at('text-input').dispatchEvent(new Event('input', { bubbles: true }));
              at('send').click();
              await until('the answer in writing', () => captions('assistant').includes('twelve green bottles'));
              return voiceCarnival.session.id;
            }
            """)).GetString()!;

        // What is said is heard, written down and said back. Firefox's own microphone is a steady tone.
        string wav = Convert.ToBase64String(await File.ReadAllBytesAsync(Path.Combine(ServerProcess.Root, "tests", "assets", "hello.wav")));
        await firefox.EvaluateAsync($$"""
            async () => {
              const before = (await inbound()).totalAudioEnergy;
              const audio = new Audio(URL.createObjectURL(new Blob([Uint8Array.from(atob('{{wav}}'), character => character.charCodeAt(0))], { type: 'audio/wav' })));
              await new Promise((resolve, reject) => { audio.onloadeddata = resolve; audio.onerror = reject; });
              await peers[0].getSenders().find(sender => sender.track?.kind === 'audio').replaceTrack(audio.mozCaptureStream().getAudioTracks()[0]);
              await audio.play();
              await until('a spoken turn', () => voiceCarnival.session.turns.some(turn => turn.kind === 'user' && turn.text !== 'twelve green bottles'));
              await until('the sound of it', async () => (await inbound()).totalAudioEnergy > before + 0.0001);
            }
            """);

        await firefox.ReloadAsync();
        var again = await firefox.EvaluateAsync("""
            async () => {
              await until('the call again', () => inCall() && captions('aside').includes('Reconnected'));
              const id = voiceCarnival.session.id;
              at('talk-button').click();
              await until('the end', () => voiceCarnival.state === 'idle');
              return id;
            }
            """);
        Assert.Equal(session, again.GetString());
        Assert.Equal(0, (await firefox.EvaluateAsync(UntilNoSession)).GetInt32());
    }

    private static bool HasOutwardAddress() => NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Any(address => address.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address.Address));
}

using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Benchmarks.Echo;

/// <summary>
/// What a browser can tell of the line alone, with no turn taking in between: from a tone that leaves the page to the same tone back in it, by the clock of its sound, and from an event on the
/// data channel to its echo.
/// </summary>
internal static class EchoCommand
{
    private const string Measure = """
        async ({ tones, pings, codec }) => {
          const pc = new RTCPeerConnection();
          const context = new AudioContext({ latencyHint: 'interactive' });
          await context.resume();
          const out = context.createMediaStreamDestination();
          // A microphone is never quite silent; Chromium stops sending where a sound graph is, and each beginning then counts as well.
          const hum = context.createOscillator(), faint = context.createGain();
          hum.frequency.value = 100;
          faint.gain.value = 0.002;
          hum.connect(faint).connect(out);
          hum.start();
          const sender = pc.addTransceiver(out.stream.getAudioTracks()[0], { direction: 'sendrecv', streams: [out.stream] });
          sender.setCodecPreferences(RTCRtpReceiver.getCapabilities('audio').codecs.filter(c => c.mimeType.toLowerCase() === 'audio/' + codec));
          const channel = pc.createDataChannel('oai-events');
          const opened = new Promise(resolve => (channel.onopen = resolve));
          let answered = () => {};
          channel.onmessage = message => answered(JSON.parse(message.data));
          await pc.setLocalDescription(await pc.createOffer());
          const response = await fetch('/calls', { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
          const sdp = await response.text();
          if (!response.ok) throw new Error(sdp);
          await pc.setRemoteDescription({ type: 'answer', sdp });
          await opened;

          // The moment of the first loud sample, by the same clock as the tone's beginning.
          const worklet = `registerProcessor('ear', class extends AudioWorkletProcessor {
            process([input]) {
              const samples = input[0] ?? [];
              for (let i = 0; i < samples.length; i++) {
                if (Math.abs(samples[i]) > 0.1 && !(currentTime - this.last < 0.3)) this.port.postMessage(currentTime + i / sampleRate);
                if (Math.abs(samples[i]) > 0.1) this.last = currentTime;
              }
              return true;
            }
          });`;
          await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })));
          const ear = new AudioWorkletNode(context, 'ear');
          const stream = new MediaStream([pc.getReceivers()[0].track]);
          const element = new Audio();
          element.muted = true;
          element.srcObject = stream; // Chromium hands a remote track on only while an element plays it
          element.play();
          context.createMediaStreamSource(stream).connect(ear);
          let began = 0;
          const heard = [], sent = [], back = [];
          // When a moment of the sound's clock is rendered: it comes in bursts, so the earliest counts.
          let rendered = Infinity;
          const watch = setInterval(() => (rendered = Math.min(rendered, performance.timeOrigin + performance.now() - 1000 * context.currentTime)), 3);
          ear.port.onmessage = ({ data }) => {
            if (!began || data <= began) return;
            heard.push(1000 * (data - began));
            sent.push(1000 * began);
            back.push(1000 * data);
            began = 0;
          };
          await new Promise(resolve => setTimeout(resolve, 3000));
          for (let i = 0; i < tones; i++) {
            const tone = context.createOscillator(), gain = context.createGain();
            tone.frequency.value = 800;
            gain.gain.value = 0.8;
            tone.connect(gain).connect(out);
            began = context.currentTime + 0.05;
            tone.start(began);
            tone.stop(began + 0.1);
            await new Promise(resolve => setTimeout(resolve, 700 + 100 * Math.random()));
          }
          clearInterval(watch);

          // From the page to the engine, and from the engine to the page.
          const there = await (await fetch('/sounds')).json();
          const up = [], down = [];
          sent.forEach((moment, i) => {
            const came = there.find(at => at > moment + rendered && at < back[i] + rendered);
            if (came) { up.push(came - moment - rendered); down.push(back[i] + rendered - came); }
          });

          const trips = [];
          for (let i = 0; i < pings; i++) {
            const start = performance.now();
            const back = new Promise(resolve => (answered = resolve));
            channel.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime' } }));
            await back;
            trips.push(performance.now() - start);
            await new Promise(resolve => setTimeout(resolve, 20));
          }

          const inbound = [...(await pc.getStats()).values()].find(s => s.type === 'inbound-rtp');
          const buffered = 1000 * inbound.jitterBufferDelay / inbound.jitterBufferEmittedCount;
          pc.close();
          return { heard, up, down, trips, buffered, lost: inbound.packetsLost };
        }
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["tones", "pings", "codec"], []);
        int tones = line.Number("tones", 40, 1, 1000), pings = line.Number("pings", 300, 1, 10_000);
        string codec = (line.Text("codec") ?? "opus").ToLowerInvariant();
        int port = FreePort.Find();
        await using var server = BenchmarkProcess.Start(isLean: false, "echo-server", port.ToString(CultureInfo.InvariantCulture));
        await server.ReadLineAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection"],
        });
        var page = await browser.NewPageAsync();
        page.SetDefaultTimeout(600_000);
        await page.GotoAsync($"http://127.0.0.1:{port}/");
        var result = await page.EvaluateAsync<JsonElement>(Measure, new { tones, pings, codec });
        Print($"{codec} in Chromium, each sound said back: tone to the same tone {Percentile(result, "heard", 50):F0} ms median, {Percentile(result, "heard", 95):F0} ms p95 of {result.GetProperty("heard").GetArrayLength()}, of it in Chromium's jitter buffer {result.GetProperty("buffered").GetDouble():F0} ms; {result.GetProperty("lost").GetInt32()} packets lost");
        Print($"  page to engine {Percentile(result, "up", 50):F0} ms median, engine to page {Percentile(result, "down", 50):F0} ms");
        Print($"event to its echo on the data channel: {Percentile(result, "trips", 50):F2} ms median, {Percentile(result, "trips", 95):F2} ms p95 of {result.GetProperty("trips").GetArrayLength()}");
        return result.GetProperty("heard").GetArrayLength() > tones / 2 ? 0 : 1;
    }

    private static double Percentile(JsonElement result, string name, double percent)
    {
        double[] values = [.. result.GetProperty(name).EnumerateArray().Select(value => value.GetDouble()).Order()];
        return values.Length == 0 ? double.NaN : values[Math.Min(values.Length - 1, (int)Math.Ceiling(percent / 100 * values.Length) - 1)];
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

// A spoken and a typed turn over WebRTC, by a peer that is no browser. What differs between the two libraries is below, the conversation is the same.
import { readFileSync } from 'node:fs';
import { baseURL, Inbox, problem, report, run, saveAudio } from './conversation.mjs';

const RATE = 24_000;

/** The sentence once, then silence, as 10 ms of 16-bit samples at a rate. */
function* speech(rate) {
  const file = readFileSync(process.env.INTEROP_SPEECH);
  const samples = new Int16Array(file.buffer, file.byteOffset, file.length / 2);
  for (let at = 0; ; at += rate / 100) {
    const frame = new Int16Array(rate / 100);
    for (let i = 0; i < frame.length; i++) frame[i] = samples[Math.floor(((at + i) * RATE) / rate)] ?? 0;
    yield frame;
  }
}

/** Calls back every so often, in the mean exactly, however late timers are. */
function every(milliseconds, act) {
  const start = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    while (performance.now() - start > done * milliseconds) {
      done++;
      act();
    }
  }, milliseconds / 2);
  return () => clearInterval(timer);
}

/** libwebrtc, as Chromium has it; Opus. */
async function wrtc() {
  const { default: wrtc } = await import('@roamhq/wrtc');
  const { RTCAudioSource, RTCAudioSink } = wrtc.nonstandard;
  const connection = new wrtc.RTCPeerConnection();
  const source = new RTCAudioSource();
  connection.addTrack(source.createTrack());
  const heard = [];
  connection.ontrack = ({ track }) => {
    const sink = new RTCAudioSink(track);
    sink.ondata = ({ samples, sampleRate }) => {
      // 48 kHz to 24 kHz; what is above is not in a voice that had 24 kHz.
      const step = sampleRate / RATE;
      const half = Int16Array.from({ length: samples.length / step }, (_, i) => samples[i * step]);
      heard.push(Buffer.from(half.buffer));
    };
  };
  const channel = connection.createDataChannel('oai-events');
  const frames = speech(48_000);
  return {
    connection,
    heard,
    opened: new Promise(resolve => (channel.onopen = resolve)),
    closed: new Promise(resolve => (channel.onclose = resolve)),
    onEvent: act => (channel.onmessage = message => act(JSON.parse(message.data))),
    send: event => channel.send(JSON.stringify(event)),
    speak: () => every(10, () => source.onData({ samples: frames.next().value, sampleRate: 48_000 })),
    stats: async () => [...(await connection.getStats()).values()],
  };
}

/** An implementation of its own in TypeScript; PCMU, which we code ourselves here. */
async function werift() {
  const { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, usePCMU } = await import('werift');
  const connection = new RTCPeerConnection({ codecs: { audio: [usePCMU()] } });
  const track = new MediaStreamTrack({ kind: 'audio' });
  connection.addTransceiver(track, { direction: 'sendrecv' });
  const heard = [];
  connection.onTrack.subscribe(remote =>
    remote.onReceiveRtp.subscribe(packet => {
      const twice = new Int16Array(packet.payload.length * 3);
      packet.payload.forEach((code, i) => twice.fill(fromMuLaw(code), 3 * i, 3 * i + 3));
      heard.push(Buffer.from(twice.buffer));
    }),
  );
  const channel = connection.createDataChannel('oai-events');
  const frames = speech(8000);
  let sequence = 1000;
  let timestamp = 0;
  return {
    connection,
    heard,
    opened: new Promise(resolve => channel.stateChanged.subscribe(state => state === 'open' && resolve())),
    closed: new Promise(resolve => channel.stateChanged.subscribe(state => state === 'closed' && resolve())),
    onEvent: act => channel.onMessage.subscribe(message => act(JSON.parse(message.toString()))),
    send: event => channel.send(JSON.stringify(event)),
    speak: () =>
      every(20, () => {
        const payload = Buffer.from([...frames.next().value, ...frames.next().value].map(toMuLaw));
        track.writeRtp(new RtpPacket(new RtpHeader({ payloadType: 0, sequenceNumber: sequence++ & 0xffff, timestamp, ssrc: 4711 }), payload));
        timestamp = (timestamp + 160) >>> 0;
      }),
    stats: async () => [],
  };
}

/** G.711, appendix to ITU-T G.191. */
function toMuLaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

function fromMuLaw(code) {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 132) << ((inverted >> 4) & 7)) - 132;
  return inverted & 0x80 ? -magnitude : magnitude;
}

await run(async () => {
  const peer = await { wrtc, werift }[process.argv[2]]();
  const inbox = new Inbox();
  peer.onEvent(event => {
    inbox.add(event);
    if (event.type === 'error') problem(event);
  });
  await peer.connection.setLocalDescription(await peer.connection.createOffer());
  const response = await fetch(`${baseURL}/realtime/calls?transport=webrtc`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', Authorization: 'Bearer sk-any' },
    body: peer.connection.localDescription.sdp,
  });
  const sdp = await response.text();
  if (response.status !== 201) throw new Error(`${response.status}: ${sdp}`);
  await peer.connection.setRemoteDescription({ type: 'answer', sdp });
  await peer.opened;
  await inbox.until('session.created');

  peer.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { transcription: { model: 'whisper-1' }, turn_detection: { type: 'server_vad', silence_duration_ms: 1500 } } } } });
  await inbox.until('session.updated');
  const mute = peer.speak();
  await inbox.until('input_audio_buffer.speech_started');
  await inbox.until('output_audio_buffer.started');
  await inbox.until('response.done');
  await inbox.until('output_audio_buffer.stopped');
  report({
    step: 'spoken',
    heard: inbox.first('conversation.item.input_audio_transcription.completed')?.transcript,
    said: inbox.first('response.output_audio_transcript.done')?.transcript,
    deltas: inbox.every('response.output_audio.delta').length,
    audio: saveAudio('spoken.pcm', peer.heard),
  });

  peer.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Good morning.' }] } });
  peer.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  report({ step: 'typed', text: (await inbox.until('response.output_text.done')).text });
  await inbox.until('response.done');
  mute();

  for (const stats of await peer.stats()) {
    if (stats.type === 'inbound-rtp') report({ step: 'received', packets: stats.packetsReceived, lost: stats.packetsLost });
    if (stats.type === 'remote-inbound-rtp') report({ step: 'reported', round_trip: stats.roundTripTime });
  }

  const hungUp = await fetch(`${baseURL}/realtime/calls/${response.headers.get('location').split('/').at(-1)}/hangup`, { method: 'POST' });
  if (hungUp.status !== 200) throw new Error(`hangup: ${hungUp.status} ${await hungUp.text()}`);
  await peer.closed;
  report({ step: 'closed' });
});

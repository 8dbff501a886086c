import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Call } from '../../wwwroot/js/call.js';
import { loadSettings } from '../../wwwroot/js/settings.js';

/** A microphone that the user allows when the test says so, and sound that only counts what is open. */
class FakeStream {
  constructor() {
    this.track = { kind: 'audio', label: 'Fake', isLive: true, onended: null, stop: () => (this.track.isLive = false) };
  }

  getTracks() {
    return [this.track];
  }

  getAudioTracks() {
    return [this.track];
  }
}

class FakeNode {
  constructor() {
    this.port = { postMessage() {}, onmessage: null };
  }

  /** @param {any} to */
  connect(to) {
    return to;
  }

  disconnect() {}
}

/** @type {FakeContext[]} */
let contexts = [];

class FakeContext {
  constructor() {
    this.state = 'running';
    this.isClosed = false;
    this.audioWorklet = { addModule: async () => {} };
    contexts.push(this);
  }

  async resume() {}

  createMediaStreamSource() {
    return new FakeNode();
  }

  async close() {
    this.isClosed = true;
  }
}

/** @type {{allow: () => FakeStream, deny: (name: string) => void}[]} */
let questions = [];
/** @type {FakeStream[]} */
let streams = [];
const live = () => streams.filter(s => s.track.isLive).length;

const world = /** @type {any} */ (globalThis);

beforeEach(() => {
  contexts = [];
  questions = [];
  streams = [];
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const getUserMedia = () => new Promise((resolve, reject) => questions.push({
    allow: () => {
      const stream = new FakeStream();
      streams.push(stream);
      resolve(stream);
      return stream;
    },
    deny: name => reject(new DOMException('no', name)),
  }));
  Object.defineProperty(world, 'navigator', { value: { mediaDevices: { getUserMedia } }, configurable: true, writable: true });
  world.AudioContext = FakeContext;
  world.AudioWorkletNode = FakeNode;
});

afterEach(() => mock.timers.reset());

const settled = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

function rig() {
  const settings = loadSettings({ getItem: () => null });
  const call = new Call(/** @type {any} */ ({ transports: [], engine: { model: 'm', models: [] } }), settings, { onChange: () => {}, onLog: () => {}, onLevel: () => {} });
  let opened = 0;
  call.line.open = () => void opened++;
  return { call, context: () => /** @type {any} */ (new FakeContext()), opened: () => opened };
}

/** A call that stands. */
async function up() {
  const r = rig();
  void r.call.start({ context: r.context() });
  await settled();
  questions[0].allow();
  await settled();
  assert.equal(r.opened(), 1);
  assert.equal(live(), 1);
  return r;
}

test('hung up while the browser asks: an allowed microphone is let go at once', async () => {
  const { call, context, opened } = rig();
  void call.start({ context: context() });
  await settled();
  call.stop();
  questions[0].allow();
  await settled();
  assert.equal(live(), 0);
  mock.timers.tick(1000);
  await settled();
  assert.equal(opened(), 0);
  assert.ok(contexts.every(c => c.isClosed));
});

test('start, cancel, start: the second call stands whichever question is answered last, with one microphone', async () => {
  for (const order of [[0, 1], [1, 0]]) {
    contexts = [];
    questions = [];
    streams = [];
    const { call, context, opened } = rig();
    void call.start({ context: context() });
    await settled();
    call.stop();
    void call.start({ context: context() });
    await settled();
    for (const which of order) {
      questions[which].allow();
      await settled();
    }
    mock.timers.tick(1000);
    await settled();
    assert.equal(call.phase, 'connecting');
    assert.equal(opened(), 1);
    assert.equal(live(), 1);
    assert.deepEqual(contexts.map(c => c.isClosed), [true, false]);
    call.stop();
    mock.timers.tick(1000);
    await settled();
    assert.equal(live(), 0);
    assert.ok(contexts.every(c => c.isClosed));
  }
});

test('start, cancel, start: a refusal of the first question is not that of the second call', async () => {
  const { call, context } = rig();
  void call.start({ context: context() });
  await settled();
  call.stop();
  void call.start({ context: context() });
  await settled();
  questions[0].deny('NotAllowedError');
  await settled();
  assert.equal(call.phase, 'permission');
  assert.equal(call.notices.first, null);
  questions[1].allow();
  await settled();
  assert.equal(call.phase, 'connecting');
});

test('hung up while another microphone is asked for: it is let go at once, without a word', async () => {
  for (const answer of ['allow', 'deny']) {
    questions = [];
    streams = [];
    const { call } = await up();
    void call.changeSettings({ noiseSuppression: false });
    await settled();
    call.stop();
    if (answer === 'allow') questions[1].allow();
    else questions[1].deny('NotReadableError');
    await settled();
    assert.equal(live(), 0);
    assert.equal(call.notices.first, null);
    mock.timers.tick(1000);
    await settled();
    assert.equal(live(), 0);
  }
});

test('hung up just after the microphone was unplugged: the one that takes over is let go', async () => {
  const { call } = await up();
  call.audio.handlers.onMicrophoneEnded();
  await settled();
  call.stop();
  questions[1].allow();
  await settled();
  assert.equal(live(), 0);
});

test('two options changed one after the other: the last choice counts, in whichever order they are answered', async () => {
  const { call } = await up();
  void call.changeSettings({ noiseSuppression: false });
  void call.changeSettings({ echoCancellation: false });
  await settled();
  const last = questions[2].allow();
  await settled();
  questions[1].allow();
  await settled();
  assert.equal(live(), 1);
  assert.equal(call.audio.capture?.stream, /** @type {any} */ (last));
});

test('a microphone option changed while the browser still asks for the first: one stays', async () => {
  const { call, context, opened } = rig();
  void call.start({ context: context() });
  await settled();
  void call.changeSettings({ noiseSuppression: false });
  await settled();
  questions[0].allow();
  await settled();
  questions[1].allow();
  await settled();
  assert.equal(opened(), 1);
  assert.equal(live(), 1);
  assert.ok(call.audio.capture?.node, 'and is connected');
});

test('a refused microphone leaves no sound open', async () => {
  const { call, context } = rig();
  void call.start({ context: context() });
  await settled();
  questions[0].deny('NotAllowedError');
  await settled();
  assert.equal(call.phase, 'idle');
  assert.equal(call.notices.first?.id, 'denied');
  assert.ok(contexts.every(c => c.isClosed));
});

test('sound that was made for a typed turn is closed when a call begins, or stands, already', async () => {
  const { call, context } = rig();
  call.sendText('one', context());
  call.sendText('two', context());
  await settled();
  call.turns.type = () => true;
  call.phase = 'live';
  call.sendText('three', context());
  await settled();
  assert.deepEqual(contexts.map(c => c.isClosed), [false, true, true]);
  assert.deepEqual(call.waitingTexts.map(t => t.text), ['one', 'two']);
});

test('a server that is closed for the day: the call ends with the reason, and the microphone with it', async () => {
  const { call } = await up();
  call.line.handlers.onFailure({ code: 'later', message: 'All is spent. Not before 02:00.' });
  assert.equal(call.phase, 'idle');
  assert.equal(live(), 0);
  assert.deepEqual(call.notices.first, { id: 'refused', detail: 'All is spent. Not before 02:00.' });
});

test('what was typed for a call that does not come about stands in its field again', async () => {
  const { call, context } = rig();
  /** @type {string[]} */
  const unsent = [];
  call.handlers.onUnsent = text => void unsent.push(text);
  call.sendText('one', context());
  call.sendText('two');
  await settled();
  assert.deepEqual(call.session.turns.map(t => [t.text, t.waits]), [['one', true], ['two', true]]);
  call.line.handlers.onFailure({ code: '', message: 'The server is full.' });
  assert.deepEqual(unsent, ['one two']);
  assert.ok(call.session.turns.every(t => !t.waits));
  assert.deepEqual(call.waitingTexts, []);
});

test('what is typed while a connection is being replaced is sent over the next', async () => {
  const { call } = await up();
  /** @type {any[]} */
  const sent = [];
  let isUp = false;
  call.line.send = event => isUp && sent.push(event) > 0;
  call.phase = 'live';
  call.sendText('hello');
  assert.equal(call.session.turns[0].waits, true);
  isUp = true;
  call.receive({ type: 'voicecarnival.session.resumed' }, 0);
  assert.deepEqual(sent.map(e => e.type), ['conversation.item.create', 'response.create']);
  assert.deepEqual(call.session.turns.filter(t => t.kind === 'user').map(t => t.waits), [false]);
});

test('a call that lost its last microphone takes the next one, chosen or plugged in, also after the notice was put away', async () => {
  for (const way of ['plug', 'choose']) {
    questions = [];
    streams = [];
    const { call } = await up();
    streams[0].track.isLive = false;
    call.audio.handlers.onMicrophoneEnded();
    await settled();
    questions[1].deny('NotFoundError');
    await settled();
    assert.equal(call.withMicrophone, false);
    assert.deepEqual(call.notices.first, { id: 'unplugged', detail: '' });
    call.notices.clear('unplugged');
    if (way === 'plug') void call.devicesChanged();
    else void call.changeSettings({ microphone: 'other' });
    await settled();
    questions[2].allow();
    await settled();
    assert.equal(call.withMicrophone, true);
    assert.equal(live(), 1);
    call.stop();
  }
});

test('a microphone that the browser takes back in mid-call was not unplugged', async () => {
  const { call } = await up();
  call.audio.handlers.onMicrophoneEnded();
  await settled();
  questions[1].deny('NotAllowedError');
  await settled();
  assert.deepEqual(call.notices.first, { id: 'unplugged', detail: 'denied' });
});

test('muted by its loss in mid-sentence: the turn is given the silence that ends it', async () => {
  const { call } = await up();
  let frames = 0;
  call.line.sendAudio = () => ++frames > 0;
  call.phase = 'live';
  call.turns.receive({ type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 }, 0);
  call.sound.microphone.isUsed = false;
  mock.timers.tick(1000);
  assert.ok(frames >= 48 && frames <= 52, String(frames));
});

test('a line that takes one frame and not the next is called slow once, and for a while', async () => {
  const { call } = await up();
  let now = 0;
  mock.method(performance, 'now', () => now);
  let takes = false;
  call.line.sendAudio = () => takes;
  call.line.state = { ...call.line.state, phase: 'open' };
  const frame = new Int16Array(480);
  call.sound.sendFrame(frame);
  takes = true;
  now = 1000;
  call.sound.sendFrame(frame);
  assert.equal(call.notices.standing.has('slow'), true);
  now = 6000;
  call.sound.sendFrame(frame);
  assert.equal(call.notices.standing.has('slow'), false);
  mock.restoreAll();
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { urlOf } from '../../wwwroot/js/api.js';
import { connect, connectDirect } from '../../wwwroot/js/transports/webrtc.js';

/** @type {any} */
const world = globalThis;

/** What a browser's RTCPeerConnection does, as far as a call needs it. */
class FakePeer {
  constructor() {
    FakePeer.all.push(this);
    this.connectionState = 'new';
    this.iceConnectionState = 'new';
    this.offers = 0;
    this.isClosed = false;
    /** @type {((value?: any) => void) | undefined} ends the taking of an answer that takes long */
    this.describe = undefined;
    this.answers = /** @type {string[]} */ ([]);
    this.sender = { track: /** @type {any} */ (null), replaceTrack: async (/** @type {any} */ track) => void (this.sender.track = track) };
    this.channel = /** @type {any} */ ({ readyState: 'connecting', bufferedAmount: 0, sent: [], send: (/** @type {string} */ text) => this.channel.sent.push(JSON.parse(text)), close: () => (this.channel.readyState = 'closing') });
  }

  /** @type {FakePeer[]} */
  static all = [];

  addTransceiver() {
    return { sender: this.sender };
  }

  /** @param {string} label @param {any} init */
  createDataChannel(label, init) {
    return Object.assign(this.channel, { label, protocol: init.protocol ?? '' });
  }

  /** @param {any} [options] */
  async createOffer(options) {
    return { type: 'offer', sdp: `v=0 offer ${++this.offers}${options?.iceRestart ? ' restart' : ''}` };
  }

  /** @param {any} offer */
  async setLocalDescription(offer) {
    this.localDescription = offer;
  }

  /** @param {any} answer */
  async setRemoteDescription({ sdp }) {
    if (sdp.startsWith('bad')) throw new Error('no such line');
    if (sdp.startsWith('slow')) await new Promise(resolve => (this.describe = resolve));
    this.answers.push(sdp);
  }

  close() {
    this.isClosed = true;
  }

  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    /** @type {any} */ (this).onconnectionstatechange?.();
  }

  open() {
    this.become('connected');
    this.channel.readyState = 'open';
    this.channel.onopen();
  }
}

const settled = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

/** @type {{method: string, url: string, body: string, authorization: string}[]} */
let requests = [];
/** @type {(request: {method: string, url: string}) => Response} */
let respond = () => new Response('v=0 answer', { status: 201, headers: { Location: '/v1/realtime/calls/rtc_7' } });

beforeEach(() => {
  requests = [];
  FakePeer.all = [];
  respond = () => new Response('v=0 answer', { status: 201, headers: { Location: '/v1/realtime/calls/rtc_7' } });
  world.RTCPeerConnection = FakePeer;
  world.location = { href: 'http://page.test/' };
  mock.method(globalThis, 'fetch', async (/** @type {any} */ url, /** @type {any} */ init) => {
    const request = { method: init.method, url: String(url), body: init.body, authorization: init.headers.Authorization };
    requests.push(request);
    return respond(request);
  });
  mock.timers.enable({ apis: ['setTimeout'] });
});

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

/** @param {typeof connect} how @param {object} [changes] */
async function call(how, changes = {}) {
  const told = { events: /** @type {string[]} */ ([]), closed: /** @type {any[]} */ ([]), opened: /** @type {boolean[]} */ ([]) };
  const connection = how({
    url: '/v1/realtime/calls', model: 'm', resume: '', microphone: null,
    token: { value: 'ek_1', expires_at: 0, direct_calls_url: 'https://api.test/v1/realtime/calls' },
    onEvent: event => told.events.push(event.type), onAudio: () => {}, onOpen: extended => told.opened.push(extended), onClose: closed => told.closed.push(closed),
    ...changes,
  });
  await settled();
  const peer = /** @type {FakePeer} */ (FakePeer.all.at(-1));
  return { connection, peer, channel: peer.channel, ...told };
}

test('a call through this server: the offer goes to our calls with the secret, and our own events are understood', async () => {
  const { peer, channel, opened } = await call(connect, { resume: 'tok 1' });
  assert.deepEqual(requests, [{ method: 'POST', url: 'http://page.test/v1/realtime/calls?transport=webrtc&model=m&resume=tok+1', body: 'v=0 offer 1', authorization: 'Bearer ek_1' }]);
  assert.deepEqual(peer.answers, ['v=0 answer']);
  assert.deepEqual([channel.label, channel.protocol], ['oai-events', 'voicecarnival']);
  peer.open();
  assert.deepEqual(opened, [true]);
});

test('a browser that tells of the channel before it tells of the track: the events wait for the track', async () => {
  respond = () => new Response('slow v=0 answer', { status: 201, headers: { Location: '/v1/realtime/calls/rtc_7' } });
  const heard = /** @type {any[]} */ ([]);
  const { connection, peer, channel } = await call(connect, { onEvent: (/** @type {any} */ event) => heard.push([event.type, connection.stream]) });
  peer.open();
  channel.onmessage({ data: '{"type":"session.created"}' });
  channel.onmessage({ data: '{"type":"output_audio_buffer.started"}' });
  assert.deepEqual(heard, []);
  const stream = {};
  /** @type {any} */ (peer).ontrack({ track: {}, streams: [stream] });
  peer.describe?.();
  await settled();
  channel.onmessage({ data: '{"type":"session.updated"}' });
  assert.deepEqual(heard, [['session.created', stream], ['output_audio_buffer.started', stream], ['session.updated', stream]]);
});

test('a call past this server is told to it', async () => {
  respond = ({ url }) => url.includes('api.test') ? new Response('v=0 theirs', { status: 201, headers: { Location: 'https://api.test/v1/realtime/calls/rtc_u1_9?x=1' } }) : new Response('{}', { status: 202 });
  const { peer, channel, opened } = await call(connectDirect);
  assert.deepEqual(requests.map(r => [r.method, r.url, r.body]), [
    ['POST', 'https://api.test/v1/realtime/calls', 'v=0 offer 1'], ['POST', urlOf('api/calls').href, '{"call_id":"rtc_u1_9"}']]);
  assert.deepEqual(peer.answers, ['v=0 theirs']);
  assert.equal(channel.protocol, '');
  peer.open();
  assert.deepEqual(opened, [false]);
});

test('a call past this server that it does not take is not begun', async () => {
  respond = ({ url }) => url.includes('api.test') ? new Response('v=0 theirs', { status: 201, headers: { Location: '/v1/realtime/calls/rtc_1' } })
    : new Response('{"error":{"code":"too_many_calls","message":"One call too many."}}', { status: 403 });
  const { peer, closed } = await call(connectDirect);
  assert.deepEqual(closed, [{ code: 403, reason: 'One call too many.', retryable: false, retryAfterMs: 0, isGone: false }]);
  assert.deepEqual(peer.answers, []);
  assert.ok(peer.isClosed);
});

for (const [title, token, location] of /** @type {[string, object, string]} */ ([
  ['a service that hides the call’s id', { direct_calls_url: 'https://api.test/calls' }, ''], ['a token without a direct way', { direct_calls_url: null }, '/v1/realtime/calls/rtc_1']])) {
  test(`${title}: our server makes the exchange, so that it knows the call`, async () => {
    respond = ({ url }) => new Response(url.includes('api.test') ? 'v=0 lost' : 'v=0 through ours', { status: 201, headers: location ? { Location: location } : {} });
    const { peer } = await call(connectDirect, { token: { value: 'ek_1', expires_at: 0, ...token } });
    assert.equal(requests.at(-1)?.url, 'http://page.test/v1/realtime/calls?transport=webrtc-direct');
    assert.deepEqual(peer.answers, ['v=0 through ours']);
  });
}

test('a refused offer ends in the server’s words, one that may be repeated with its pause', async () => {
  respond = () => new Response('{"error":{"code":"server_full","message":"Full."}}', { status: 503, headers: { 'Retry-After': '7' } });
  const { closed } = await call(connect);
  assert.deepEqual(closed, [{ code: 503, reason: 'Full.', retryable: true, retryAfterMs: 7000, isGone: false }]);
});

test('a server that is away', async () => {
  respond = () => {
    throw new TypeError('failed to fetch');
  };
  const { closed } = await call(connect);
  assert.deepEqual(closed, [{ code: 1006, reason: 'The server cannot be reached.', retryable: true, retryAfterMs: 0, isGone: false }]);
});

test('an answer that the browser does not take', async () => {
  respond = () => new Response('bad', { status: 201 });
  const { closed, peer } = await call(connect);
  assert.match(closed[0].reason, /no such line/);
  assert.equal(closed[0].retryable, false);
  assert.ok(peer.isClosed);
});

test('the end of a turn waits for the sound that travels beside it, and what follows keeps its place', async () => {
  const { connection, peer, channel } = await call(connect);
  assert.equal(connection.send({ type: 'early' }), false);
  peer.open();
  connection.send({ type: 'session.update' });
  connection.send({ type: 'input_audio_buffer.commit' });
  connection.send({ type: 'response.create' });
  assert.deepEqual(channel.sent.map((/** @type {any} */ e) => e.type), ['session.update']);
  mock.timers.tick(120);
  assert.deepEqual(channel.sent.map((/** @type {any} */ e) => e.type), ['session.update', 'input_audio_buffer.commit', 'response.create']);
  connection.send({ type: 'late' });
  assert.equal(channel.sent.length, 4);
});

test('the microphone is sent as a copy, which is muted without muting the microphone; a change stops the old copy', async () => {
  const tracks = /** @type {any[]} */ ([]);
  const microphone = () => ({ getAudioTracks: () => [{ clone: () => (tracks.push({ enabled: true, stop() { this.isStopped = true; } }), tracks.at(-1)) }] });
  const { connection, peer } = await call(connect, { microphone: microphone() });
  assert.equal(tracks[0].enabled, false);
  connection.setSending(true);
  assert.equal(tracks[0].enabled, true);
  connection.setMicrophone(/** @type {any} */ (microphone()));
  await settled();
  assert.ok(tracks[0].isStopped);
  assert.ok(tracks[1].enabled);
  assert.equal(peer.sender.track, tracks[1]);
  connection.close();
  assert.ok(tracks[1].isStopped);
});

test('hanging up closes the channel in order first; coming back does not', async () => {
  const first = await call(connect);
  first.peer.open();
  first.connection.close();
  assert.equal(first.channel.sent.at(-1).type, 'voicecarnival.hangup');
  assert.equal(first.channel.readyState, 'closing');
  assert.equal(first.peer.isClosed, false);
  first.channel.onclose();
  assert.ok(first.peer.isClosed);
  const second = await call(connect);
  second.peer.open();
  second.connection.close(4100);
  assert.equal(second.channel.readyState, 'open');
  assert.deepEqual(second.channel.sent, []);
  assert.ok(second.peer.isClosed);
  assert.deepEqual([...first.closed, ...second.closed], []);
});

test('a broken path that mends by itself is left alone', async () => {
  const { peer, closed } = await call(connect);
  peer.open();
  peer.become('disconnected');
  mock.timers.tick(1400);
  peer.become('connected');
  mock.timers.tick(20000);
  assert.equal(requests.length, 1);
  assert.deepEqual(closed, []);
});

test('a broken path is renewed: a new offer to the call that runs', async () => {
  const { connection, peer, closed } = await call(connect);
  peer.open();
  respond = () => new Response('v=0 renewed', { status: 200 });
  peer.become('disconnected');
  mock.timers.tick(1500);
  await settled();
  assert.deepEqual([requests[1].method, requests[1].url, requests[1].body], ['PATCH', 'http://page.test/v1/realtime/calls/rtc_7', 'v=0 offer 2 restart']);
  assert.deepEqual(peer.answers, ['v=0 answer', 'v=0 renewed']);
  assert.equal(connection.isRecovering, true);
  peer.become('connected');
  assert.equal(connection.isRecovering, false);
  mock.timers.tick(20000);
  assert.deepEqual(closed, []);
});

for (const [title, status, waitMs] of /** @type {[string, number, number]} */ ([['the call is gone', 404, 0], ['nothing comes of it', 200, 6000]])) {
  test(`a path that cannot be renewed, ${title}: lost, and a new call may follow`, async () => {
    const { peer, closed } = await call(connect);
    peer.open();
    respond = () => new Response('v=0 renewed', { status });
    peer.become('failed');
    await settled();
    mock.timers.tick(waitMs);
    assert.deepEqual(closed, [{ code: 1006, reason: '', retryable: true, isGone: false }]);
    assert.ok(peer.isClosed);
  });
}

test('no path at all: said so, instead of tried for ever', async () => {
  const { peer, closed } = await call(connect);
  peer.become('failed');
  assert.equal(closed[0].retryable, false);
  assert.equal(closed[0].hasNoPath, true);
});

test('a network that swallows everything: no path, before the browser itself gives up', async () => {
  const { peer, closed } = await call(connect);
  peer.iceConnectionState = 'checking';
  peer.become('connecting');
  mock.timers.tick(6_900);
  assert.deepEqual(closed, []);
  mock.timers.tick(200);
  assert.deepEqual([closed.length, closed[0].hasNoPath, closed[0].isGone], [1, true, false]);
});

test('a path that was found is left its time to become safe', async () => {
  const { peer, closed, opened } = await call(connect);
  peer.iceConnectionState = 'connected';
  peer.become('connecting');
  mock.timers.tick(20_000);
  assert.deepEqual(closed, []);
  peer.open();
  assert.deepEqual(opened, [true]);
});

test('a channel closed in order is a hang-up, with the error’s words; one that broke is a lost line', async () => {
  const first = await call(connect);
  first.peer.open();
  first.channel.onmessage({ data: '{"type":"error","error":{"message":"The operator ended the call."}}' });
  first.channel.onclose();
  assert.deepEqual(first.closed, [{ code: 1000, reason: 'The operator ended the call.', retryable: false, isGone: false }]);
  const second = await call(connect);
  second.peer.open();
  second.channel.onerror({ error: { errorDetail: 'sctp-failure' } });
  second.channel.onclose();
  assert.deepEqual(second.closed, [{ code: 1006, reason: '', retryable: true, isGone: false }]);
});

test('what is no event is passed over', async () => {
  const { channel, events } = await call(connect);
  for (const data of ['nonsense', '[]', '{"type":7}', new ArrayBuffer(4), '{"type":"session.created"}']) channel.onmessage({ data });
  assert.deepEqual(events, ['session.created']);
});

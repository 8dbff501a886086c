import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../wwwroot/js/api.js';
import { ROUTE, away, clock, pass, rig, settled, sleep, up } from './line.rig.js';

test('a lost line comes back to its session with the single-use token, and needs no new secret', async () => {
  const { line, last, connections, server, names } = await up();
  last().onClose(away);
  assert.equal(line.state.phase, 'waiting');
  await pass(400);
  assert.equal(connections.length, 2);
  assert.equal(last().resume, 't1');
  last().greet('t2');
  assert.equal(line.state.phase, 'open');
  assert.equal(line.resume, 't2');
  assert.equal(server.tokens, 1);
  assert.ok(!names().includes('new session'));
});

test('what is sent again after a broken line is taken once, and an id that comes twice at other times is no repeat', async () => {
  const { line, last, told } = await up();
  const events = () => told.filter(t => t[0] === 'event' && !t[1].startsWith('voicecarnival.')).map(t => t[1]);
  const say = (/** @type {string} */ type, /** @type {string} */ id) => last().onEvent({ type, event_id: id }, clock);
  say('response.created', 'e1');
  say('response.output_text.delta', 'e2');
  last().onClose(away);
  await pass(400);
  last().greet('t2');
  say('response.output_text.delta', 'e2');
  say('response.output_text.delta', 'e3');
  say('response.done', 'e4');
  say('session.updated', 'e2');
  assert.deepEqual(events(), ['session.created', 'response.created', 'response.output_text.delta', 'response.output_text.delta', 'response.done', 'session.updated']);

  // 2. Also when the page was loaded anew meanwhile.
  const again = rig();
  again.line.open(ROUTE, { resume: 't2', graceMs: 20000, seen: line.repeats.ids });
  await settled();
  again.last().greet('t3');
  again.last().onEvent({ type: 'response.done', event_id: 'e4' }, clock);
  again.last().onEvent({ type: 'response.created', event_id: 'e5' }, clock);
  assert.deepEqual(again.told.filter(t => t[0] === 'event' && t[1].startsWith('response')), [['event', 'response.created']]);
});

test('a secret that has run out is replaced before the session is asked for', async () => {
  const { line, last, server } = await up();
  /** @type {any} */ (line.token).expires_at = Date.now() / 1000 - 1;
  last().onClose(away);
  await pass(400);
  assert.equal(server.tokens, 2);
  assert.equal(last().resume, 't1');
  assert.equal(last().token.value, 'ek_2');
});

test('a session the server no longer knows: a new one begins, once the server is there', async () => {
  const { line, last, connections, server, names } = await up();
  last().onClose(away);
  await pass(400);
  server.refusal = new ApiError(0, 'unreachable', 'away');
  last().onClose(away); // refused, or away? a token would tell
  await settled();
  assert.equal(line.state.phase, 'waiting');
  server.refusal = null;
  await pass(800);
  last().onClose(away);
  await settled();
  last().onClose(away);
  await settled();
  assert.equal(connections.length, 5);
  assert.equal(last().resume, '');
  last().greet('t9');
  assert.ok(names().includes('new session'));
});

test('a network that fails once more is no refusal: the session is asked for again', async () => {
  const { last, connections, names } = await up();
  last().onClose(away);
  await pass(400);
  last().onClose(away);
  await settled();
  assert.equal(connections.length, 3);
  assert.equal(last().resume, 't1');
  last().greet('t2');
  assert.ok(!names().includes('new session'));
});

test('an attempt to come back that is not answered in time is made again, and does not hang up', async () => {
  const { line, last, connections, server } = await up();
  last().onClose(away);
  await pass(400);
  await pass(10000);
  assert.equal(connections[1].closed, 4100);
  assert.equal(line.state.phase, 'waiting');
  await pass(1000);
  assert.equal(connections.length, 3);
  assert.equal(last().resume, 't1');
  assert.equal(server.tokens, 1);
});

test('another transport chosen while the session is asked for: the attempt under way does not hang up', async () => {
  const { line, last, connections } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  line.handOver(ROUTE);
  await settled();
  assert.equal(connections[1].closed, 4100);
  last().onClose(away);
  connections[0].onClose(away);
  await pass(400);
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  assert.ok(connections.slice(1, -1).every(c => c.closed === 4100));
  line.close();
  assert.equal(last().closed, 1000);
});

test('after the grace the old session is not asked for', async () => {
  const { last } = await up();
  last().onClose(away);
  sleep(31000);
  await pass(400);
  assert.equal(last().resume, '');
});

test('a call from before a reload is resumed, within its grace only', async () => {
  const { line, last, names } = rig();
  line.open(ROUTE, { resume: 'kept', graceMs: 20000, seen: [] });
  await settled();
  assert.equal(last().resume, 'kept');
  last().greet('t1');
  assert.ok(!names().includes('new session'));
});

test('a switch of transports: the old connection serves until the new one is greeted', async () => {
  const { line, last, connections, names } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  assert.equal(connections.length, 2);
  assert.equal(line.state.phase, 'open');
  line.send({ type: 'input_audio_buffer.commit' });
  assert.equal(connections[0].sent.at(-1).type, 'input_audio_buffer.commit');
  last().greet('t2');
  connections[0].onClose({ code: 1000, reason: 'replaced', retryable: false });
  line.send({ type: 'response.create' });
  assert.equal(connections[1].sent.at(-1).type, 'response.create');
  assert.equal(line.state.phase, 'open');
  assert.ok(!names().includes('waiting') && !names().includes('failure'));
});

test('a switch whose old connection the server closes before its greeting over the new one is still a switch', async () => {
  const { line, last, connections } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  connections[0].onClose({ code: 1000, reason: 'replaced', retryable: false });
  last().greet('t2');
  assert.ok(line.wasSwitched);
  assert.equal(line.state.phase, 'open');
});

test('coming back over the same transport is no switch, nor is a first call', async () => {
  const { line, last } = await up();
  assert.ok(!line.wasSwitched);
  last().onClose(away);
  await pass(400);
  last().greet('t2');
  assert.ok(!line.wasSwitched);
});

test('a switch that fails: the call stays where it was', async () => {
  const { line, last, connections, told } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  last().onClose({ code: 4000, reason: 'no route', retryable: false });
  assert.equal(line.state.phase, 'open');
  assert.equal(line.route?.transport, 'websocket');
  assert.deepEqual(told.at(-1), ['stay', 'websocket']);
  line.send({ type: 'response.create' });
  assert.equal(connections[0].sent.at(-1).type, 'response.create');
});

test('both connections lost in a switch: the new way is tried further', async () => {
  const { line, last, connections } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  connections[0].onClose(away);
  last().onClose(away);
  await settled();
  assert.equal(connections.length, 3);
});

test('a refusal for good ends it, with the server’s words', async () => {
  const { line, server, told } = rig();
  server.refusal = new ApiError(401, 'invalid_api_key', 'No.');
  line.open(ROUTE);
  await settled();
  assert.deepEqual(told.at(-1), ['failure', { code: 'unauthorized', message: 'No.' }]);
});

test('hanging up closes for good, also while it is still connecting', async () => {
  const { line, last, connections } = await up();
  line.close();
  assert.equal(last().closed, 1000);
  line.open(ROUTE);
  line.close();
  await settled();
  assert.equal(connections.length, 1);
});

test('a switch to where the session cannot follow: the old one is hung up, not left waiting', async () => {
  const { line, last, connections, told } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  last().onEvent({ type: 'session.created' }, clock);
  assert.equal(connections[0].closed, 1000);
  assert.ok(told.some(t => t[0] === 'new session' && t[1] === 'switched'));
});

test('whether the microphone is sent reaches each connection, new ones included', async () => {
  const { line, last, connections } = await up();
  line.setSending(true);
  assert.equal(connections[0].isSending, true);
  last().onClose(away);
  await pass(400);
  assert.equal(connections[1].isSending, true);
});

test('a server that says how long to wait is asked no sooner', async () => {
  const { last, connections } = await up();
  last().onClose({ code: 503, reason: 'Full.', retryable: true, retryAfterMs: 5000 });
  await pass(4900);
  assert.equal(connections.length, 1);
  await pass(100);
  assert.equal(connections.length, 2);
});

test('a transport that does not get through the network gives way to another, with the same session', async () => {
  const { line, last, connections } = await up();
  line.handOver({ ...ROUTE, transport: 'webrtc' });
  await settled();
  last().greet('t2');
  last().onClose({ ...away, isGone: false });
  await pass(400);
  last().onClose({ code: 1006, reason: 'no way', retryable: false, isGone: false, hasNoPath: true });
  await settled();
  assert.equal(connections.length, 4);
  assert.equal(line.route?.transport, 'websocket');
  assert.equal(last().resume, 't2');
});

test('a transport that knows that the session is gone: a new one begins at once', async () => {
  const { last, connections, server } = await up();
  last().onClose(away);
  await pass(400);
  last().onClose({ code: 404, reason: '', retryable: false, isGone: true });
  await settled();
  assert.equal(connections.length, 3);
  assert.equal(last().resume, '');
  assert.equal(server.tokens, 2);
});

test('a transport that the browser does not have gives way to another', async () => {
  const { line, last, connections } = rig();
  line.open({ ...ROUTE, transport: 'broken' });
  await settled();
  assert.equal(connections.length, 1);
  assert.equal(line.route?.transport, 'websocket');
  last().greet('t1');
  assert.equal(line.state.phase, 'open');
});

test('a switch to a transport that the browser does not have: the call stays where it was', async () => {
  const { line, connections, told } = await up();
  line.handOver({ ...ROUTE, transport: 'broken' });
  await settled();
  assert.deepEqual(told.at(-1), ['stay', 'websocket']);
  assert.equal(line.route?.transport, 'websocket');
  assert.equal(line.state.phase, 'open');
  assert.equal(connections.length, 1);
});

test('no transport at all: it ends, and says why', async () => {
  const { line, told } = rig();
  line.handlers.onNoPath = () => null;
  line.open({ ...ROUTE, transport: 'broken' });
  await settled();
  assert.equal(line.state.phase, 'closed');
  assert.equal(told.at(-1)[0], 'failure');
  assert.match(told.at(-1)[1].message, /RTCPeerConnection is not defined/);
});

test('a server that wants to be left alone until tomorrow is not waited for; it is told when it may be asked again', async () => {
  const { line, server, told } = rig();
  server.refusal = new ApiError(503, 'daily_spend_limit_reached', 'All is spent.', 12 * 3600 * 1000);
  line.open(ROUTE);
  await settled();
  assert.equal(line.state.phase, 'closed');
  const [name, { code, message }] = told.at(-1);
  assert.deepEqual([name, code], ['failure', 'later']);
  assert.match(message, /^All is spent\. The server asks to try again not before .*\d\d:\d\d/);
});

test('a server that wants a minute is given it', async () => {
  const { line, server } = rig();
  server.refusal = new ApiError(429, 'rate_limit_exceeded', 'Slowly.', 60000);
  line.open(ROUTE);
  await settled();
  assert.equal(line.state.phase, 'waiting');
  server.refusal = null;
  await pass(60000);
  assert.equal(line.state.phase, 'connecting');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTurn, newSession, reduce } from '../../wwwroot/js/session.js';

/** @typedef {import('../../wwwroot/js/session.js').Session} Session */

/** Each event comes 10 ms after the one before. @param {any[]} list @param {Session} [session] */
const run = (list, session = newSession()) => list.reduce((s, e, i) => reduce(s, e, 10 * i), session);

/** @param {Session} session @param {string} id */
const turn = (session, id) => {
  const found = findTurn(session, id);
  assert.ok(found, `no turn ${id}`);
  return found;
};

const assistant = (/** @type {string} */ status, /** @type {string} */ text = '') =>
  ({ id: 'a1', type: 'message', role: 'assistant', status, content: text ? [{ type: 'output_audio', transcript: text }] : [] });
const user = { id: 'u1', type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_audio', transcript: null }] };

const SPEECH = [
  { type: 'session.created', session: { id: 'sess_1', expires_at: 99, audio: { input: { transcription: { model: 'x' } } } } },
  { type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 100 },
  { type: 'input_audio_buffer.speech_stopped', item_id: 'u1', audio_end_ms: 2000 },
  { type: 'input_audio_buffer.committed', item_id: 'u1', previous_item_id: null },
  { type: 'conversation.item.added', item: user, previous_item_id: null },
  { type: 'conversation.item.done', item: user, previous_item_id: null },
];
const ANSWER = [
  { type: 'response.created', response: { id: 'r1', conversation_id: 'c1' } },
  { type: 'response.output_item.added', response_id: 'r1', item: assistant('in_progress') },
  { type: 'conversation.item.added', item: assistant('in_progress'), previous_item_id: 'u1' },
  { type: 'response.content_part.added', response_id: 'r1', item_id: 'a1', content_index: 0, part: { type: 'audio' } },
  { type: 'response.output_audio_transcript.delta', response_id: 'r1', item_id: 'a1', content_index: 0, delta: 'Hello, ' },
  { type: 'page.received', response_id: 'r1', item_id: 'a1', ms: 1000, peaks: [0.5] },
  { type: 'page.heard', item_id: 'a1', heard_at: 260 },
  { type: 'response.output_audio_transcript.delta', response_id: 'r1', item_id: 'a1', content_index: 0, delta: 'good friend.' },
];
const END = [
  { type: 'response.output_audio_transcript.done', response_id: 'r1', item_id: 'a1', content_index: 0, transcript: 'Hello, good friend.' },
  { type: 'response.output_item.done', response_id: 'r1', item: assistant('completed', 'Hello, good friend.') },
  { type: 'conversation.item.done', item: assistant('completed', 'Hello, good friend.') },
  { type: 'response.done', response: { id: 'r1', status: 'completed' } },
];

test('a full turn', () => {
  const s = run([...SPEECH, ...ANSWER, ...END, { type: 'conversation.item.input_audio_transcription.completed', item_id: 'u1', content_index: 0, transcript: 'Hi.' }]);
  assert.deepEqual(s.turns.map(t => [t.id, t.kind, t.status, t.text]), [['u1', 'user', 'done', 'Hi.'], ['a1', 'assistant', 'done', 'Hello, good friend.']]);
  assert.equal(turn(s, 'u1').spokenMs, 1900);
  assert.equal(turn(s, 'u1').transcription, 'done');
  assert.equal(turn(s, 'a1').answeredInMs, 240); // speech_stopped came at 20
  assert.deepEqual(s.latencies.speechEndToAudioMs, [240]);
  assert.equal(s.activeResponse, '');
  assert.equal(s.id, 'sess_1');
});

test('transcription without a recogniser is a spoken turn, not an error', () => {
  const s = run([...SPEECH, { type: 'conversation.item.input_audio_transcription.failed', item_id: 'u1', error: { code: 'transcription_unavailable' } }]);
  assert.equal(turn(s, 'u1').transcription, 'unavailable');
  assert.equal(turn(s, 'u1').status, 'done');
  assert.equal(s.turns.length, 1);
  assert.equal(s.lastError, null);
});

test('barge-in: struck out from the word that was spoken, and the rest of the text stays behind the cut', () => {
  const s = run([
    ...SPEECH, ...ANSWER,
    { type: 'input_audio_buffer.speech_started', item_id: 'u2', audio_start_ms: 3000 },
    { type: 'page.cut', item_id: 'a1', heard_ms: 500, received_ms: 1000 },
    { type: 'page.silenced', item_id: 'a1', ms: 42 },
    { type: 'response.output_audio_transcript.done', response_id: 'r1', item_id: 'a1', content_index: 0, transcript: 'Hello, go' },
    { type: 'conversation.item.truncated', item_id: 'a1', content_index: 0, audio_end_ms: 480 },
    { type: 'response.done', response: { id: 'r1', status: 'cancelled', status_details: { reason: 'turn_detected' } } },
  ]);
  const cut = turn(s, 'a1');
  assert.equal(cut.status, 'cut');
  assert.equal(cut.text.slice(0, cut.cutIndex ?? 0), 'Hello, ');
  assert.equal(cut.text, 'Hello, good friend.');
  assert.equal(cut.cutMs, 500);
  assert.equal(cut.silencedInMs, 42);
  assert.deepEqual(s.latencies.bargeInToSilenceMs, [42]);
  assert.equal(s.activeResponse, '');
  assert.equal(s.userSpeaking, true);
});

test('any order of events gives the same words', () => {
  const list = [...SPEECH.slice(3), ...ANSWER.filter(e => !e.type.startsWith('page.')), ...END,
    { type: 'conversation.item.input_audio_transcription.completed', item_id: 'u1', content_index: 0, transcript: 'Hi.' }];
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 300; round++) {
    const shuffled = list.map(e => ({ e, k: random() })).sort((a, b) => a.k - b.k).map(({ e }) => e);
    const s = run(shuffled);
    assert.deepEqual(s.turns.map(t => t.id).sort(), ['a1', 'u1']);
    assert.equal(turn(s, 'u1').text, 'Hi.');
    assert.equal(turn(s, 'a1').text, 'Hello, good friend.');
  }
});

test('the answer stands after what it answers, also when it was heard of first', () => {
  const s = run([...ANSWER.slice(0, 5), ...SPEECH.slice(3), { type: 'conversation.item.done', item: assistant('completed', 'x'), previous_item_id: 'u1' }]);
  assert.deepEqual(s.turns.map(t => t.id), ['u1', 'a1']);
});

test('a function call, its arguments and its output', () => {
  const call = { id: 'f1', type: 'function_call', name: 'weather', call_id: 'call_1', status: 'completed', arguments: '{"city":"Rome"}' };
  const s = run([
    { type: 'response.created', response: { id: 'r1' } },
    { type: 'response.output_item.added', response_id: 'r1', item: { ...call, status: 'in_progress', arguments: '' } },
    { type: 'response.function_call_arguments.delta', item_id: 'f1', delta: '{"city":' },
    { type: 'response.function_call_arguments.delta', item_id: 'f1', delta: '"Rome"}' },
    { type: 'response.function_call_arguments.done', item_id: 'f1', name: 'weather', arguments: '{"city":"Rome"}' },
    { type: 'response.output_item.done', response_id: 'r1', item: call },
    { type: 'conversation.item.added', item: { id: 'o1', type: 'function_call_output', call_id: 'call_1', output: 'sunny' } },
  ]);
  const tool = turn(s, 'f1');
  assert.deepEqual([tool.kind, tool.name, tool.text, tool.output, tool.status], ['tool', 'weather', '{"city":"Rome"}', 'sunny', 'done']);
  assert.equal(s.turns.length, 1);
});

test('the latency of an answer after a function call counts from the end of the speech', () => {
  const s = run([
    ...SPEECH, // speech_stopped at 20
    { type: 'response.created', response: { id: 'r0' } },
    { type: 'response.output_item.added', response_id: 'r0', item: { id: 'f1', type: 'function_call', name: 'x', call_id: 'c' } },
    { type: 'response.done', response: { id: 'r0', status: 'completed' } },
    { type: 'response.created', response: { id: 'r1' } },
    { type: 'page.received', response_id: 'r1', item_id: 'a1', ms: 10 },
    { type: 'page.heard', item_id: 'a1', heard_at: 1020 },
  ]);
  assert.deepEqual(s.latencies.speechEndToAudioMs, [1000]);
});

test('audio of an older response is no answer to a newer turn', () => {
  const s = run([
    { type: 'response.created', response: { id: 'r0' } },
    { type: 'page.received', response_id: 'r0', item_id: 'a0', ms: 10 },
    { type: 'input_audio_buffer.speech_stopped', item_id: 'u1', audio_end_ms: 10 },
    { type: 'page.heard', item_id: 'a0', heard_at: 500 },
  ]);
  assert.deepEqual(s.latencies.speechEndToAudioMs, []);
  assert.equal(turn(s, 'a0').answeredInMs, null);
});

test('errors get a row, crossed messages do not', () => {
  const s = run([
    { type: 'error', event_id: 'e1', error: { code: 'invalid_value', message: 'No such voice.' } },
    { type: 'error', event_id: 'e2', error: { code: 'response_cancel_not_active', message: 'nothing' } },
    { type: 'error', event_id: 'e1', error: { code: 'invalid_value', message: 'No such voice.' } },
  ]);
  assert.deepEqual(s.turns.map(t => [t.kind, t.text]), [['error', 'No such voice.']]);
  assert.deepEqual(s.lastError, { code: 'invalid_value', message: 'No such voice.' });
});

test('a failed response tells why', () => {
  const s = run([{ type: 'response.created', response: { id: 'r1' } },
    { type: 'response.done', response: { id: 'r1', status: 'failed', status_details: { type: 'failed', error: { code: 'quota', message: 'No credit left.' } } } }]);
  assert.equal(s.turns[0].text, 'No credit left.');
  assert.equal(s.activeResponse, '');
});

test('unknown and strange events change nothing', () => {
  const before = run(SPEECH);
  for (const event of [{ type: 'something.new' }, { type: 'toString' }, { type: '__proto__' }, { type: 'rate_limits.updated', rate_limits: [] },
    { type: 'conversation.item.added' }, { type: 'response.output_item.added' }, { type: 'page.heard', item_id: 'nobody' }]) {
    assert.equal(reduce(before, event, 0), before, event.type);
  }
  for (const type of ['response.done', 'response.created', 'input_audio_buffer.speech_started', 'error', 'session.updated', 'conversation.item.truncated']) {
    assert.doesNotThrow(() => reduce(before, { type }, 0));
  }
});

test('a typed turn stands at once and is not doubled when the server repeats it', () => {
  const s = run([
    { type: 'page.typed', item_id: 't1', text: 'Good day' },
    { type: 'conversation.item.added', item: { id: 't1', type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'Good day' }] } },
  ]);
  assert.deepEqual(s.turns.map(t => [t.id, t.text, t.typed]), [['t1', 'Good day', true]]);
});

test('an out-of-band response does not occupy the conversation', () => {
  const s = run([{ type: 'response.created', response: { id: 'side', conversation_id: null } }]);
  assert.equal(s.activeResponse, '');
});

test('after a lost session the captions stay and nothing is open', () => {
  const s = run([...SPEECH, ...ANSWER, { type: 'page.disconnected' }, { type: 'page.row', kind: 'divider', text: 'New conversation' }]);
  assert.deepEqual(s.turns.map(t => [t.kind, t.status]), [['user', 'done'], ['assistant', 'done'], ['divider', 'done']]);
  assert.equal(s.activeResponse, '');
  assert.equal(s.turnEnd, null);
});

test('an answer in text alone counts from its first words, and nothing is awaited any more', () => {
  const s = run([
    { type: 'page.typed', item_id: 't1', text: 'Good day' },
    { type: 'response.created', response: { id: 'r1' } },
    { type: 'response.output_text.delta', response_id: 'r1', item_id: 'a1', delta: 'Good' },
    { type: 'response.done', response: { id: 'r1', status: 'completed' } },
  ]);
  assert.equal(turn(s, 'a1').answeredInMs, 20);
  assert.equal(s.turnEnd, null);
  assert.deepEqual(s.latencies.speechEndToAudioMs, []);
});

test('a cancelled answer is awaited no more, but the turn that cancelled it is', () => {
  const cancelled = run([
    { type: 'page.released' },
    { type: 'response.created', response: { id: 'r1' } },
    { type: 'response.done', response: { id: 'r1', status: 'cancelled' } },
  ]);
  assert.equal(cancelled.turnEnd, null);
  const cut = run([
    { type: 'response.created', response: { id: 'r1' } },
    { type: 'page.received', response_id: 'r1', item_id: 'a1', ms: 100 },
    { type: 'page.typed', item_id: 't1', text: 'Stop' },
    { type: 'page.cut', item_id: 'a1', heard_ms: 0, received_ms: 100 },
    { type: 'response.done', response: { id: 'r1', status: 'cancelled' } },
  ]);
  assert.equal(cut.turnEnd?.itemId, 't1');
});

test('each transport has its own measurements, and finds them again', () => {
  let s = reduce(newSession(), { type: 'page.transport', transport: 'websocket' }, 0);
  s = reduce(s, { type: 'page.round_trip', ms: 3 }, 0);
  s = reduce(s, { type: 'page.transport', transport: 'webrtc' }, 0);
  assert.deepEqual(s.latencies.roundTripMs, []);
  s = reduce(s, { type: 'page.round_trip', ms: 1 }, 0);
  assert.deepEqual(s.others.websocket.roundTripMs, [3]);
  s = reduce(s, { type: 'page.transport', transport: 'websocket' }, 0);
  assert.deepEqual(s.latencies.roundTripMs, [3]);
  assert.deepEqual(Object.keys(s.others), ['webrtc']);
  assert.equal(reduce(s, { type: 'page.transport', transport: 'websocket' }, 0), s);
});

test('where the time went is told of the answer that it went into', () => {
  const measured = { type: 'voicecarnival.turn.latency', response_id: 'r1', silence_ms: 200, recognition_ms: 210.4, thinking_ms: 3, speaking_ms: 41, sending_ms: 0 };
  const session = run([...SPEECH, ...ANSWER.slice(0, 4), measured, ...ANSWER.slice(4)]);
  assert.deepEqual(turn(session, 'a1').stages.map(s => `${s.name} ${s.ms}`), ['silence 200', 'recognition 210.4', 'thinking 3', 'speaking 41', 'sending 0']);
  assert.deepEqual(turn(run([...SPEECH, ...ANSWER]), 'a1').stages, []);
  const odd = run([...SPEECH, ...ANSWER, { ...measured, silence_ms: null, recognition_ms: 'x', speaking_ms: -1 }]);
  assert.deepEqual(turn(odd, 'a1').stages.map(s => s.name), ['thinking', 'sending']);
  const other = run([...SPEECH, ...ANSWER]);
  assert.equal(reduce(other, { ...measured, response_id: 'r2' }, 900), other);
  assert.equal(reduce(other, { ...measured, response_id: undefined }, 900), other);
});

test('a turn that was begun and then cleared leaves no row, and nobody speaks', () => {
  const clear = { type: 'input_audio_buffer.cleared' };
  let s = reduce(newSession(), { type: 'page.typed', item_id: 't1', text: 'hello' }, 0);
  s = reduce(s, { type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 }, 1);
  s = reduce(s, clear, 2);
  assert.deepEqual(s.turns.map(t => t.id), ['t1']);
  assert.equal(s.userSpeaking, false);
  s = reduce(s, { type: 'input_audio_buffer.speech_started', item_id: 'u2', audio_start_ms: 0 }, 3);
  s = reduce(s, { type: 'input_audio_buffer.committed', item_id: 'u2', previous_item_id: 't1' }, 4);
  s = reduce(s, clear, 5);
  assert.deepEqual(s.turns.map(t => t.id), ['t1', 'u2']);
});

test('turn detection that is switched off in mid-sentence: nobody is heard speaking any more', () => {
  let s = reduce(newSession(), { type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 }, 1);
  s = reduce(s, { type: 'session.updated', session: { audio: { input: { turn_detection: { type: 'semantic_vad' } } } } }, 2);
  assert.equal(s.userSpeaking, true);
  s = reduce(s, { type: 'session.updated', session: { audio: { input: { turn_detection: null } } } }, 3);
  assert.equal(s.userSpeaking, false);
});

test('a page that stands for days keeps the newest rows', () => {
  let s = newSession();
  for (let i = 0; i < 5000; i++) {
    s = reduce(s, { type: 'page.typed', item_id: `t${i}`, text: 'x' }, i);
    assert.ok(s.turns.length <= 1000);
  }
  assert.equal(s.turns.at(-1)?.id, 't4999');
});

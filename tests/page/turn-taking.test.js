import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '../../wwwroot/js/settings.js';
import { TurnTaking } from '../../wwwroot/js/turn-taking.js';

/** @typedef {import('../../wwwroot/js/audio/ring-buffer.js').ItemAccount} ItemAccount */

const FRAME = new Int16Array(480).fill(8000);

/** A conversation with a speaker that plays what it is told to have played. @param {Partial<import('../../wwwroot/js/settings.js').Settings>} [changes] */
function rig(changes = {}) {
  const settings = { ...loadSettings({ getItem: () => null }), ...changes };
  /** @type {any[]} */
  const sent = [];
  const speaker = {
    isAudible: false,
    state: { playing: false, bufferedMs: 0 },
    /** @type {ItemAccount | null} */
    current: null,
    /** @type {ItemAccount[]} */
    cut: [],
    /** @type {[string, number][]} */
    played: [],
    play: (/** @type {string} */ item, /** @type {number} */ _, /** @type {number} */ offset) => void speaker.played.push([item, offset]),
    end: () => {},
    flush: async () => {
      speaker.isAudible = false;
      return { accounts: speaker.cut, silentAt: 1042 };
    },
    heardMs: (/** @type {ItemAccount} */ account) => account.rendered / 24,
  };
  const state = { isUp: true, takes: true, frames: 0, now: 1000, speaker, sent };
  const turns = new TurnTaking(settings, {
    send: event => state.isUp && sent.push(event) > 0,
    sendAudio: () => state.takes && ++state.frames > 0,
    speaker: () => speaker,
    reportsPlayout: () => true,
    onChange: () => {},
    now: () => state.now,
  });
  return { turns, ...state, state, types: () => sent.map(e => e.type) };
}

/** @param {TurnTaking} turns @param {string} id */
const answering = (turns, id) => turns.receive({ type: 'response.created', response: { id, conversation_id: 'c' } }, 1000);

/** @param {string} item @param {number} receivedMs @param {number} heardMs @returns {ItemAccount} */
const account = (item, receivedMs, heardMs) => ({ item, contentIndex: 0, received: 24 * receivedMs, rendered: 24 * heardMs, lost: 0, ended: false, cut: true });

test('speech over the answer: silence first, then the server learns what was heard', async () => {
  const { turns, speaker, sent } = rig();
  answering(turns, 'r1');
  turns.receiveAudio({ itemId: 'a1', responseId: 'r1', contentIndex: 0, sampleOffset: 0, samples: new Int16Array(24000) });
  Object.assign(speaker, { isAudible: true, cut: [account('a1', 1000, 400)] });
  turns.receive({ type: 'input_audio_buffer.speech_started', item_id: 'u2', audio_start_ms: 0 }, 1000);
  assert.equal(speaker.isAudible, false);
  await Promise.resolve();
  assert.deepEqual(sent.map(e => [e.type, e.audio_played_ms ?? e.audio_end_ms]), [['voicecarnival.playout', 400], ['conversation.item.truncate', 400]]);
  assert.deepEqual(turns.session.latencies.bargeInToSilenceMs, [42]);
  assert.equal(turns.session.turns[0].status, 'cut');
});

test('an item that was heard to its end is not truncated', async () => {
  const { turns, speaker, types } = rig();
  Object.assign(speaker, { isAudible: true, cut: [account('a1', 1000, 1000)] });
  turns.skip();
  await Promise.resolve();
  assert.deepEqual(types(), ['voicecarnival.playout']);
});

test('a typed turn while the agent answers: cancel once, and ask again when the old answer has ended', () => {
  const { turns, types } = rig();
  answering(turns, 'r1');
  turns.type('never mind');
  assert.deepEqual(types(), ['response.cancel', 'conversation.item.create']);
  turns.receive({ type: 'response.done', response: { id: 'r1', status: 'cancelled' } }, 1010);
  assert.deepEqual(types(), ['response.cancel', 'conversation.item.create', 'response.create']);
});

test('an answer that crossed our request on the way: asked for again after it', () => {
  const { turns, types } = rig();
  turns.type('hello');
  answering(turns, 'r1');
  turns.receive({ type: 'error', error: { code: 'conversation_already_has_active_response' } }, 1001);
  turns.receive({ type: 'response.done', response: { id: 'r1', status: 'completed' } }, 1002);
  assert.equal(types().filter(t => t === 'response.create').length, 2);
});

test('an answer whose end was lost on the way does not hold up what is typed next', () => {
  const { turns, types } = rig();
  answering(turns, 'r1');
  turns.type('hello');
  assert.deepEqual(types().slice(-2), ['response.cancel', 'conversation.item.create']);
  turns.receive({ type: 'error', error: { code: 'response_cancel_not_active' } }, 1001);
  assert.equal(types().at(-1), 'response.create');
  assert.equal(turns.session.activeResponse, '');
  turns.receive({ type: 'error', error: { code: 'response_cancel_not_active' } }, 1002);
  assert.equal(types().filter(t => t === 'response.create').length, 1);
});

test('push-to-talk: a hold is a turn, a tap is none', () => {
  const { turns, types } = rig({ turns: 'push_to_talk' });
  assert.equal(turns.isOpen, false);
  turns.press();
  assert.equal(turns.isOpen, true);
  for (let i = 0; i < 3; i++) turns.sendFrame(FRAME);
  assert.equal(turns.release(), false);
  assert.deepEqual(types(), ['input_audio_buffer.clear', 'input_audio_buffer.clear']);
  turns.press();
  for (let i = 0; i < 10; i++) turns.sendFrame(FRAME);
  assert.equal(turns.release(), true);
  assert.deepEqual(types().slice(-2), ['input_audio_buffer.commit', 'response.create']);
  turns.receive({ type: 'input_audio_buffer.committed', item_id: 'u1', previous_item_id: null }, 1000);
  assert.equal(turns.session.turns[0].spokenMs, 200);
  assert.equal(turns.release(), true); // nothing was held
});

test('a microphone that stops sends the silence that ends a turn, once, and not in push-to-talk', () => {
  const { turns, state } = rig();
  turns.fallSilent();
  turns.mute(true);
  assert.equal(state.frames, 35);
  assert.equal(turns.isOpen, false);
  turns.fallSilent();
  assert.equal(state.frames, 35);
  const patient = rig({ silenceMs: 900 });
  patient.turns.fallSilent();
  assert.equal(20 * patient.state.frames, 1100);
  const held = rig({ turns: 'push_to_talk' });
  held.turns.press();
  held.turns.fallSilent();
  assert.equal(held.state.frames, 0);
});

test('a turn that is still heard though the microphone is closed awaits its silence', () => {
  const { turns } = rig();
  turns.receive({ type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 }, 1000);
  assert.equal(turns.awaitsSilence, false);
  turns.mute(true);
  assert.equal(turns.awaitsSilence, true);
  turns.receive({ type: 'input_audio_buffer.speech_stopped', item_id: 'u1', audio_end_ms: 900 }, 1000);
  assert.equal(turns.awaitsSilence, false);
});

test('what is typed without a line stands as waiting, and is said at the end once there is one', () => {
  const { turns, state, types } = rig();
  state.isUp = false;
  assert.equal(turns.type('lost?'), false);
  assert.equal(turns.session.turns.length, 0);
  const id = turns.hold('lost?');
  assert.deepEqual(turns.session.turns.map(t => [t.text, t.waits]), [['lost?', true]]);
  assert.equal(turns.keep().turns.length, 0);
  turns.row('notice', 'Reconnected.');
  state.isUp = true;
  turns.retell();
  assert.deepEqual(types(), []);
  assert.equal(turns.type('lost?', id), true);
  assert.deepEqual(turns.session.turns.map(t => [t.text, t.waits]), [['Reconnected.', false], ['lost?', false]]);
  assert.deepEqual(types(), ['conversation.item.create', 'response.create']);
});

test('an answer that could not be stopped for want of a line is stopped when there is one', () => {
  const { turns, state, types } = rig();
  answering(turns, 'r1');
  state.isUp = false;
  turns.skip();
  state.isUp = true;
  turns.skip();
  assert.deepEqual(types(), ['response.cancel']);
});

test('frames that the line did not take are not counted as sent', () => {
  const { turns, state } = rig();
  turns.sendFrame(FRAME);
  state.takes = false;
  turns.sendFrame(FRAME);
  assert.equal(turns.exchange.sent.ms, 20);
});

test('whose turn it is, and that an answer is not awaited for ever', () => {
  const { turns, state, speaker } = rig();
  assert.equal(turns.turn, 'nobody');
  turns.receive({ type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 }, 1000);
  assert.equal(turns.turn, 'user');
  turns.receive({ type: 'input_audio_buffer.speech_stopped', item_id: 'u1', audio_end_ms: 500 }, 1000);
  assert.equal(turns.turn, 'thinking');
  state.now = 12000;
  assert.equal(turns.turn, 'nobody');
  speaker.isAudible = true;
  assert.equal(turns.turn, 'agent');
});

test('the server hears what was played, but not at every tick', () => {
  const { turns, state, speaker, types } = rig();
  Object.assign(speaker, { state: { playing: true, bufferedMs: 100 }, current: account('a1', 1000, 300) });
  turns.reportNowAndThen();
  state.now += 250;
  turns.reportNowAndThen();
  state.now += 250;
  turns.reportNowAndThen();
  assert.equal(types().length, 2);
});

test('a conversation that is kept over a reload goes on where it was', () => {
  const before = rig();
  before.turns.receive({ type: 'session.created', session: { id: 'sess_1', expires_at: 99 } }, 900);
  before.turns.type('hello');
  answering(before.turns, 'r1');
  before.turns.receiveAudio({ itemId: 'a1', responseId: 'r1', contentIndex: 0, sampleOffset: 0, samples: new Int16Array(24000) });
  for (let i = 0; i < 5; i++) before.turns.sendFrame(FRAME);
  before.speaker.state.bufferedMs = 700;
  const kept = JSON.parse(JSON.stringify(before.turns.keep()));
  assert.equal(kept.unheardMs, 700);

  const after = rig();
  after.state.now = 5; // a page's clock begins with it
  after.turns.restore(kept);
  assert.equal(after.turns.session.id, 'sess_1');
  assert.deepEqual(after.turns.session.turns.map(t => t.kind), ['user', 'assistant']);
  assert.ok(after.turns.session.turns[0].timeline[0].at < 100, 'marks are told in the new clock');
  assert.equal(after.turns.exchange.sent.ms, 100);
  after.turns.receiveAudio({ itemId: 'a1', responseId: 'r1', contentIndex: 0, sampleOffset: 24000, samples: new Int16Array(2400) });
  assert.equal(after.turns.session.turns[1].receivedMs, 1100);
  assert.deepEqual(after.speaker.played, [['a1', 24000]]);
  after.turns.receive({ type: 'response.done', response: { id: 'r1', status: 'completed' } }, 10);
  assert.equal(after.turns.session.activeResponse, '');
});

test('sound that comes again after a broken line is pictured once, and the account of what came does not go back', () => {
  const { turns } = rig();
  answering(turns, 'r1');
  const say = (/** @type {number} */ sampleOffset, /** @type {number} */ samples, /** @type {number} */ level) =>
    turns.receiveAudio({ itemId: 'a1', responseId: 'r1', contentIndex: 0, sampleOffset, samples: new Int16Array(samples).fill(level) });
  say(0, 4800, 1000);
  say(2400, 1200, 1000);
  assert.equal(turns.session.turns[0].receivedMs, 200);
  say(3600, 2400, 20000);
  assert.equal(turns.session.turns[0].receivedMs, 250);
  assert.equal(turns.exchange.itemPeaks.get('a1')?.samples, 6000);
  assert.deepEqual(turns.exchange.itemPeaks.get('a1')?.peaks.map(p => p > 0.5), [...Array(10).fill(false), true, true]);
});

/** An agent who is heard as a track, with an answer under way. */
function trackRig() {
  const r = rig();
  const told = /** @type {any[]} */ ([]);
  Object.assign(r.speaker, {
    isTrack: true,
    begin: (/** @type {string} */ item, /** @type {number} */ at) => void told.push(['begin', item, at]),
    finish: () => void told.push(['finish']),
  });
  const turns = new TurnTaking(r.turns.settings, { ...r.turns.options, track: () => r.speaker });
  turns.receive({ type: 'input_audio_buffer.speech_stopped', item_id: 'u1', audio_end_ms: 500 }, 900);
  answering(turns, 'r1');
  turns.receive({ type: 'response.output_item.added', response_id: 'r1', item: { id: 'a1', type: 'message', role: 'assistant' } }, 1000);
  turns.receive({ type: 'response.content_part.added', response_id: 'r1', item_id: 'a1', part: { type: 'audio' } }, 1000);
  return { ...r, turns, told, types: () => r.sent.map(e => e.type) };
}

test('a track: the server says when an item begins and ends; the answer is measured though its response was done before it was heard', () => {
  const { turns, told, types } = trackRig();
  turns.receive({ type: 'response.done', response: { id: 'r1', status: 'completed' } }, 1005);
  turns.receive({ type: 'output_audio_buffer.started', response_id: 'r1' }, 1010);
  turns.note({ type: 'page.heard', item_id: 'a1', heard_at: 1050 });
  turns.heard('a1', 0, new Int16Array(2400));
  turns.receive({ type: 'output_audio_buffer.stopped', response_id: 'r1' }, 2000);
  assert.deepEqual(told, [['begin', 'a1', 1010], ['finish']]);
  assert.deepEqual(turns.session.latencies.speechEndToAudioMs, [150]);
  assert.equal(turns.session.turns[1].receivedMs, 100);
  assert.deepEqual(types(), []);
});

test('a track, speech over the answer: silence at once, and the server truncates by itself', async () => {
  const { turns, speaker, types } = trackRig();
  turns.receive({ type: 'response.output_audio_transcript.delta', item_id: 'a1', response_id: 'r1', delta: 'One two three four five six seven eight nine ten' }, 1001);
  turns.heard('a1', 0, new Int16Array(24000));
  Object.assign(speaker, { isAudible: true, cut: [account('a1', 1000, 1000)] });
  turns.receive({ type: 'input_audio_buffer.speech_started', item_id: 'u2', audio_start_ms: 0 }, 1000);
  await Promise.resolve();
  assert.deepEqual(types(), []);
  assert.deepEqual(turns.session.latencies.bargeInToSilenceMs, [42]);
  const [, answer] = turns.session.turns;
  assert.equal(answer.cutMs, 1000);
  // Its text runs ahead of what was heard: an ordinary pace of speech tells where.
  assert.equal(answer.text.slice(0, answer.cutIndex ?? 0), 'One two three ');
});

test('a track: stopping the agent has the server drop what is still to be heard', () => {
  const { turns, speaker, types } = trackRig();
  speaker.isAudible = true;
  turns.skip();
  assert.deepEqual(types(), ['response.cancel', 'output_audio_buffer.clear']);
  turns.skip();
  assert.deepEqual(types(), ['response.cancel', 'output_audio_buffer.clear'], 'once is enough');
});

test('a track whose sound somebody else has cleared is cut where it was', async () => {
  const { turns, speaker } = trackRig();
  Object.assign(speaker, { isAudible: true, current: account('a1', 500, 500), cut: [account('a1', 500, 500)] });
  turns.receive({ type: 'output_audio_buffer.cleared', response_id: 'r1' }, 1500);
  await Promise.resolve();
  assert.equal(turns.session.turns[1].cutMs, 500);
  assert.deepEqual(turns.session.latencies.bargeInToSilenceMs, []);
});

test('a new session is told the words of the one before, up to where an answer was cut', () => {
  const { turns, sent } = rig();
  turns.type('hello there');
  answering(turns, 'r1');
  turns.receive({ type: 'response.output_audio_transcript.delta', item_id: 'a1', response_id: 'r1', delta: 'Good morning to you' }, 1001);
  turns.note({ type: 'page.cut', item_id: 'a1', heard_ms: 500, received_ms: 1000 });
  turns.receive({ type: 'input_audio_buffer.committed', item_id: 'u2' }, 1002); // spoken, and nobody knows the words
  sent.length = 0;
  turns.retell();
  assert.deepEqual(sent.map(e => [e.type, e.item.role, e.item.content[0]]), [
    ['conversation.item.create', 'user', { type: 'input_text', text: 'hello there' }],
    ['conversation.item.create', 'assistant', { type: 'output_text', text: 'Good' }],
  ]);
});

const violation = (/** @type {any} */ update, /** @type {string} */ param) =>
  ({ type: 'error', error: { type: 'invalid_request_error', code: 'policy_violation', message: 'Not yours.', param, event_id: update.event_id } });

test('fields that the server’s operator keeps to himself are left out, without a word, also when settings change later', () => {
  const { turns, sent } = rig({ voice: 'cedar' });
  turns.sendSettings();
  turns.receive(violation(sent[0], 'session.audio.input.turn_detection'), 1000);
  assert.deepEqual(Object.keys(sent[1].session.audio.input), ['transcription']);
  turns.receive(violation(sent[1], 'session.audio.input.transcription.model'), 1000);
  assert.deepEqual(sent[2].session, { type: 'realtime', audio: { output: { voice: 'cedar' } } });
  turns.receive(violation(sent[2], 'session.audio'), 1000);
  assert.equal(sent.length, 3, 'nothing is left to set');
  turns.sendSettings();
  assert.equal(sent.length, 3);
  assert.deepEqual(turns.session.turns, []);
});

test('a refusal of the policy that is about something else, or helps no further, is told', () => {
  const { turns, sent } = rig();
  turns.sendSettings();
  turns.receive(violation({ event_id: 'other' }, 'session.audio'), 1000);
  turns.receive(violation(sent[0], 'session.__proto__.toString'), 1001); // takes nothing away
  assert.equal(typeof Object.prototype.toString, 'function');
  turns.receive(violation(sent[1], 'session.__proto__.toString'), 1002);
  assert.equal(sent.length, 2);
  assert.deepEqual(turns.session.turns.map(t => t.text), ['Not yours.', 'Not yours.']);
});

test('a new session on the server may let us set what the one before did not', () => {
  const { turns, sent } = rig();
  turns.sendSettings();
  turns.receive(violation(sent[0], 'session.audio'), 1000);
  turns.reset();
  turns.sendSettings();
  assert.deepEqual(sent[1].session, sent[0].session);
});

test('what was typed into a line that broke is said again, unless the server knows of it', () => {
  const { turns, state, sent } = rig();
  turns.type('old');
  state.now += 61000;
  turns.type('arrived');
  turns.receive({ type: 'conversation.item.added', item: { id: turns.session.turns[1].id, type: 'message', role: 'user', content: [] } }, state.now);
  turns.type('lost');
  const id = turns.session.turns[2].id;
  sent.length = 0;
  turns.repeatLost();
  assert.deepEqual(sent.map(e => [e.type, e.item?.id]), [['conversation.item.create', id], ['response.create', undefined]]);
  assert.deepEqual(turns.session.turns.map(t => t.text), ['old', 'arrived', 'lost']);
});

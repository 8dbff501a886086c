import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Uplink } from '../../wwwroot/js/uplink.js';

const FRAME = new Int16Array(480).fill(8000);

/** @param {boolean} carriesTracks */
function rig(carriesTracks) {
  const state = { isConnected: true, isOpen: true, awaitsSilence: false, /** @type {boolean[]} */ sending: [], /** @type {number[]} */ frames: [], silences: 0 };
  const line = { carriesTracks, setSending: (/** @type {boolean} */ on) => void state.sending.push(on) };
  const turns = {
    get isOpen() {
      return state.isOpen;
    },
    get awaitsSilence() {
      return state.awaitsSilence;
    },
    sendFrame: (/** @type {Int16Array} */ pcm) => void state.frames.push(pcm[0]),
    fallSilent: () => void state.silences++,
  };
  return { state, uplink: new Uplink({ line: /** @type {any} */ (line), turns: /** @type {any} */ (turns), isConnected: () => state.isConnected }) };
}

test('in frames: what is muted is neither sent nor counted', () => {
  const { state, uplink } = rig(false);
  assert.equal(uplink.captured(FRAME), true);
  state.isOpen = false;
  assert.equal(uplink.captured(FRAME), false);
  assert.deepEqual(state.frames, [8000]);
});

test('in frames: muted in the middle of a turn, silence goes out until the server has heard its end', () => {
  const { state, uplink } = rig(false);
  state.isOpen = false;
  state.awaitsSilence = true;
  assert.equal(uplink.captured(FRAME), false);
  state.awaitsSilence = false;
  uplink.captured(FRAME);
  assert.deepEqual(state.frames, [0]);
});

test('as a track: it is switched off and on, and its silence counts', () => {
  const { state, uplink } = rig(true);
  uplink.captured(FRAME);
  state.isOpen = false;
  uplink.captured(FRAME);
  assert.deepEqual(state.sending, [true, false]);
  assert.deepEqual(state.frames, [8000, 0]);
});

test('a turn that runs is ended by silence only where frames are sent: a track falls silent by itself', () => {
  const frames = rig(false);
  frames.uplink.fallSilent();
  assert.equal(frames.state.silences, 1);
  const track = rig(true);
  track.uplink.fallSilent();
  assert.equal(track.state.silences, 0);
});

test('without a connection nothing goes out', () => {
  const { state, uplink } = rig(true);
  state.isConnected = false;
  assert.equal(uplink.captured(FRAME), false);
  assert.deepEqual(state.sending, [false]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Playout } from '../../wwwroot/js/audio/playout.js';

const BLOCK = 128;
/** @param {number} from @param {number} length @param {number} [frequency] */
const tone = (from, length, frequency = 200) => Int16Array.from({ length }, (_, i) => 16000 * Math.sin((2 * Math.PI * frequency * (from + i)) / 24000));

/** @param {Playout} playout @param {number} blocks */
function render(playout, blocks) {
  const out = new Float32Array(blocks * BLOCK);
  for (let i = 0; i < blocks; i++) playout.render(out.subarray(i * BLOCK, (i + 1) * BLOCK));
  return out;
}

/** A click is a step larger than the tone itself ever makes. @param {Float32Array} out */
const largestStep = out => out.reduce((max, x, i) => Math.max(max, i ? Math.abs(x - out[i - 1]) : Math.abs(x)), 0);
const TONE_STEP = (16000 / 32768) * 2 * Math.sin((Math.PI * 200) / 24000) * 1.05;

test('waits for the threshold, then plays every sample', () => {
  const playout = new Playout();
  playout.push('a', 0, 0, tone(0, 480), 0);
  assert.equal(largestStep(render(playout, 2)), 0);
  playout.push('a', 0, 480, tone(480, 4800), 20);
  playout.end('a');
  const out = render(playout, 60);
  assert.equal(playout.current?.rendered, 5280);
  assert.equal(playout.underruns, 0);
  assert.ok(largestStep(out) <= TONE_STEP);
});

test('a short answer does not wait for more than there is', () => {
  const playout = new Playout();
  playout.push('a', 0, 0, tone(0, 200), 0);
  playout.end('a');
  render(playout, 4);
  assert.equal(playout.current?.rendered, 200);
});

test('underruns and restarts make no clicks and lose nothing', () => {
  const playout = new Playout();
  const out = [];
  let position = 0;
  for (let i = 0; i < 40; i++) {
    const length = 300 + 977 * (i % 5);
    playout.push('a', 0, position, tone(position, length), i);
    position += length;
    out.push(...render(playout, 25));
  }
  playout.end('a');
  out.push(...render(playout, 200));
  assert.ok(playout.underruns > 5);
  assert.ok(largestStep(Float32Array.from(out)) <= TONE_STEP + 0.5 / 72, `step ${largestStep(Float32Array.from(out))}`);
  assert.equal(playout.current?.rendered, position);
  assert.equal(playout.current?.lost, 0);
});

test('flush is silent within 8 ms, without a click, at any moment', () => {
  for (let blocks = 1; blocks < 60; blocks++) {
    const playout = new Playout();
    playout.push('a', 0, 0, tone(0, 24000), 0);
    const before = render(playout, blocks);
    const [account] = playout.flush();
    const rendered = account.rendered;
    const after = render(playout, 10);
    assert.equal(rendered, blocks * BLOCK + 192);
    assert.ok(after.subarray(192).every(x => x === 0));
    assert.ok(largestStep(Float32Array.of(...before, ...after)) <= TONE_STEP + 0.01, `after ${blocks} blocks`);
  }
});

test('flush before anything was heard cuts at zero', () => {
  const playout = new Playout();
  playout.push('a', 0, 0, tone(0, 480), 0);
  const [account] = playout.flush();
  assert.equal(account.rendered, 0);
  assert.equal(largestStep(render(playout, 5)), 0);
});

test('late audio raises the start threshold, within bounds', () => {
  const playout = new Playout();
  const calm = playout.thresholdMs;
  for (let i = 0; i < 20; i++) playout.push('a', 0, 480 * i, tone(0, 480), 20 * i + (i % 4 === 3 ? 120 : 0));
  assert.ok(playout.thresholdMs > calm + 80);
  for (let i = 0; i < 50; i++) playout.push('b', 0, 480 * i, tone(0, 480), 5000 + 900 * i);
  assert.ok(playout.thresholdMs <= 400);
});

test('faster than real time for a minute: nothing is lost', () => {
  const playout = new Playout();
  for (let i = 0; i < 600; i++) playout.push('a', 0, 2400 * i, new Int16Array(2400), i);
  assert.equal(playout.ring.buffered, 60 * 24000);
  assert.equal(playout.ring.accounts.get('a')?.lost, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RingBuffer } from '../../wwwroot/js/audio/ring-buffer.js';

/** @param {number} from @param {number} length */
const ramp = (from, length) => Int16Array.from({ length }, (_, i) => from + i);
/** @param {RingBuffer} ring @param {number} count */
const pull = (ring, count) => {
  const out = new Float32Array(count);
  const done = ring.pull(out, 0, count);
  return [...out.subarray(0, done)].map(x => Math.round(x * 32768));
};

test('samples come out in order, around the end of the store', () => {
  const ring = new RingBuffer(10);
  let next = 0;
  for (let offset = 0; offset < 70; offset += 7) {
    assert.equal(ring.push('a', 0, offset, ramp(offset, 7)), 7);
    for (const x of pull(ring, 7)) assert.equal(x, next++);
  }
  assert.equal(next, 70);
  assert.deepEqual(ring.accounts.get('a'), { item: 'a', contentIndex: 0, received: 70, rendered: 70, lost: 0, ended: false, cut: false });
});

test('an underrun is no loss: the account goes on where it was', () => {
  const ring = new RingBuffer(100);
  ring.push('a', 0, 0, ramp(0, 5));
  assert.equal(pull(ring, 8).length, 5);
  assert.equal(pull(ring, 8).length, 0);
  ring.push('a', 0, 5, ramp(5, 5));
  assert.deepEqual(pull(ring, 3), [5, 6, 7]);
  assert.equal(ring.accounts.get('a')?.rendered, 8);
});

test('what does not fit is counted as lost', () => {
  const ring = new RingBuffer(8);
  assert.equal(ring.push('a', 0, 0, ramp(0, 6)), 6);
  assert.equal(ring.push('a', 0, 6, ramp(6, 6)), 2);
  assert.equal(ring.accounts.get('a')?.lost, 4);
  assert.equal(pull(ring, 20).length, 8);
});

test('a replay is skipped, a gap is counted and its position kept', () => {
  const ring = new RingBuffer(100);
  ring.push('a', 0, 0, ramp(0, 10));
  assert.equal(ring.push('a', 0, 5, ramp(5, 5)), 0);
  assert.equal(ring.push('a', 0, 8, ramp(8, 4)), 2);
  ring.push('a', 0, 20, ramp(20, 2));
  assert.deepEqual(pull(ring, 20), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21]);
  assert.equal(ring.accounts.get('a')?.lost, 8);
  assert.equal(ring.accounts.get('a')?.rendered, 22);
});

test('several items: each is announced at its first sample', () => {
  const ring = new RingBuffer(100);
  ring.push('a', 0, 0, ramp(0, 5));
  ring.push('b', 1, 0, ramp(0, 5));
  /** @type {any[]} */
  const seen = [];
  ring.pull(new Float32Array(8), 0, 8, (account, index, first) => seen.push([account.item, index, first]));
  ring.pull(new Float32Array(8), 0, 8, (account, index, first) => seen.push([account.item, index, first]));
  assert.deepEqual(seen, [['a', 0, true], ['b', 5, true], ['b', 0, false]]);
});

test('flush tells what was cut, exactly, and nothing of it comes back', () => {
  const ring = new RingBuffer(100);
  ring.push('done', 0, 0, ramp(0, 4));
  ring.end('done');
  ring.push('half', 0, 0, ramp(0, 10));
  ring.push('later', 0, 0, ramp(0, 3));
  ring.end('later');
  pull(ring, 9);
  const open = ring.flush();
  assert.deepEqual(open.map(a => [a.item, a.rendered, a.received]), [['half', 5, 10], ['later', 0, 3]]);
  assert.equal(ring.buffered, 0);
  assert.equal(ring.push('half', 0, 10, ramp(10, 5)), 0);
  assert.deepEqual(ring.flush(), []);
  ring.push('new', 0, 0, ramp(50, 2));
  assert.deepEqual(pull(ring, 5), [50, 51]);
});

test('old accounts are forgotten', () => {
  const ring = new RingBuffer(100);
  for (let i = 0; i < 200; i++) ring.push(`item${i}`, 0, 0, new Int16Array(0));
  assert.ok(ring.accounts.size <= 64);
});

test('one that may grow loses nothing of a long answer, from whichever place in the store', () => {
  for (const at of [0, 60, 99]) {
    const ring = new RingBuffer(100, 1000);
    const out = new Float32Array(1000);
    ring.push('a', 0, 0, new Int16Array(100).map((_, i) => i));
    ring.pull(out, 0, at);
    ring.push('a', 0, 100, new Int16Array(700).map((_, i) => 100 + i));
    assert.equal(ring.buffered, 800 - at);
    ring.pull(out, 0, 800 - at);
    assert.ok(out.subarray(0, 800 - at).every((v, i) => Math.round(32768 * v) === at + i));
    assert.equal(ring.accounts.get('a')?.lost, 0);
    ring.push('a', 0, 800, new Int16Array(2000));
    assert.equal(ring.buffered, 1000);
    assert.equal(ring.accounts.get('a')?.lost, 1000);
  }
});

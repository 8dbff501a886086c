import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeakHistory, SampleHistory } from '../../wwwroot/js/audio/history.js';

test('the last samples, in order, around the end of the store', () => {
  const history = new SampleHistory(10);
  for (let i = 0; i < 25; i += 5) history.add(Float32Array.from({ length: 5 }, (_, k) => i + k));
  assert.deepEqual([...history.last(7)], [18, 19, 20, 21, 22, 23, 24]);
  assert.equal(history.last(99).length, 10);
});

test('fewer samples than asked for when there are no more', () => {
  const history = new SampleHistory(10);
  history.add(Float32Array.of(1, 2));
  assert.deepEqual([...history.last(5)], [1, 2]);
});

test('peaks are found whatever the chunks', () => {
  const history = new PeakHistory();
  const pcm = new Int16Array(4800); // 200 ms
  pcm[1000] = 16384; // at 41 ms
  for (let i = 0; i < pcm.length; i += 700) history.add(pcm.subarray(i, i + 700));
  assert.equal(history.ms, 200);
  assert.deepEqual(history.peaks.map(p => p > 0), [false, false, true, false, false, false, false, false, false, false]);
});

test('a picture covers its time, and long times are condensed', () => {
  const history = new PeakHistory();
  for (let i = 0; i < 1000; i++) history.add(new Int16Array(480).fill(i >= 500 ? 32767 : 0));
  assert.equal(history.picture(0, 600).length, 10);
  const picture = history.picture(0, 20000);
  assert.equal(picture.length, 80);
  assert.equal(picture[39], 0);
  assert.ok(picture[40] > 0.99);
  assert.deepEqual(history.picture(30000, 40000), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconnectSchedule, isRetryable } from '../../wwwroot/js/reconnect.js';

test('delays double up to the limit', () => {
  const schedule = new ReconnectSchedule({ random: () => 0.5, firstMs: 400, maxMs: 3000 });
  const delays = [0, 1, 2, 3, 4].map(() => schedule.next(0)?.delayMs);
  assert.deepEqual(delays, [400, 800, 1600, 3000, 3000]);
});

test('jitter keeps within its share on both sides', () => {
  assert.equal(new ReconnectSchedule({ random: () => 0, firstMs: 1000 }).next(0)?.delayMs, 700);
  assert.equal(new ReconnectSchedule({ random: () => 1, firstMs: 1000 }).next(0)?.delayMs, 1300);
});

test('says when, and which try it is', () => {
  const schedule = new ReconnectSchedule({ random: () => 0.5, firstMs: 500 });
  assert.deepEqual(schedule.next(10000), { attempt: 1, delayMs: 500, at: 10500 });
  assert.deepEqual(schedule.next(11000), { attempt: 2, delayMs: 1000, at: 12000 });
});

test('Retry-After is a lower bound', () => {
  const schedule = new ReconnectSchedule({ random: () => 0.5, firstMs: 500 });
  assert.equal(schedule.next(0, 7000)?.delayMs, 7000);
});

test('gives up after its time, and starts afresh after a reset', () => {
  const schedule = new ReconnectSchedule({ random: () => 0.5, giveUpMs: 1000 });
  assert.ok(schedule.next(0));
  assert.ok(schedule.next(1000));
  assert.equal(schedule.next(1001), null);
  schedule.reset();
  assert.equal(schedule.next(5000)?.attempt, 1);
});

test('close codes that leave hope', () => {
  assert.deepEqual([1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 3000, 4000].filter(isRetryable), [1001, 1005, 1006, 1011, 1012, 1013]);
});

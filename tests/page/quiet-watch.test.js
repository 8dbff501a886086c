import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietWatch } from '../../wwwroot/js/quiet-watch.js';

test('nobody spoke for twenty seconds: told once, and after twenty more again', () => {
  const watch = new QuietWatch();
  watch.reset(1000);
  watch.hear(0.02);
  assert.equal(watch.check(20999, true), null);
  assert.equal(watch.check(21000, true), 'quiet');
  assert.equal(watch.check(21250, true), null);
  watch.hear(0.02);
  assert.equal(watch.check(41000, true), 'quiet');
});

test('a microphone that gives no sound at all is told apart', () => {
  const watch = new QuietWatch();
  watch.hear(0.0005);
  assert.equal(watch.check(20000, true), 'silent');
});

test('while anything else goes on, it is not quiet', () => {
  const watch = new QuietWatch();
  assert.equal(watch.check(30000, false), null);
  assert.equal(watch.check(49999, true), null);
});

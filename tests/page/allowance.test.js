import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Allowance } from '../../wwwroot/js/allowance.js';

test('the last minute is counted down, whichever limit comes first', () => {
  const allowance = new Allowance();
  assert.equal(allowance.secondsLeft(null, 0), null);
  assert.equal(allowance.secondsLeft(100, 40000), null);
  assert.equal(allowance.secondsLeft(100, 40001), 60);
  assert.equal(allowance.expiring({ type: 'x', reason: 'max_session_minutes', seconds_left: 20 }, 40000), null);
  assert.equal(allowance.secondsLeft(100, 45000), 15);
  assert.equal(allowance.secondsLeft(100, 70000), 0);
  allowance.reset();
  assert.equal(allowance.secondsLeft(null, 70000), null);
});

test('money that is left is told in words, and sets no clock', () => {
  const allowance = new Allowance();
  assert.equal(allowance.expiring({ type: 'x', reason: 'max_spend_per_session', usd_left: 0.1 }), '$0.10');
  assert.equal(allowance.expiring({ type: 'x', reason: 'max_spend_per_day' }), '');
  assert.equal(allowance.secondsLeft(null), null);
});

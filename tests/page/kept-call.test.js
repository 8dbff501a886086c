import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepCall, takeCall } from '../../wwwroot/js/kept-call.js';

const memory = () => {
  /** @type {Map<string, string>} */
  const values = new Map();
  return {
    values,
    getItem: (/** @type {string} */ key) => values.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void values.set(key, value),
    removeItem: (/** @type {string} */ key) => void values.delete(key),
  };
};
const call = () => /** @type {any} */ ({ resume: 'token', until: 1000, microphone: true, muted: false, conversation: { turns: [] } });

test('a call can be taken once', () => {
  const storage = memory();
  keepCall(storage, call());
  assert.equal(takeCall(storage, 999)?.resume, 'token');
  assert.equal(takeCall(storage, 999), null);
  assert.equal(storage.values.size, 0);
});

test('a call that the server has forgotten is dropped, and leaves nothing', () => {
  const storage = memory();
  keepCall(storage, call());
  assert.equal(takeCall(storage, 1000), null);
  assert.equal(storage.values.size, 0);
});

test('what somebody else left there is no call', () => {
  for (const text of ['{', '7', 'null', '{"resume":"x","until":5000}', '{"resume":"","until":5000,"conversation":{"turns":[]}}']) {
    const storage = memory();
    storage.setItem('voicecarnival.call', text);
    assert.equal(takeCall(storage, 1), null, text);
  }
});

test('storage that refuses is no fault', () => {
  const full = { ...memory(), setItem: () => { throw new Error('full'); }, getItem: () => { throw new Error('forbidden'); } };
  keepCall(full, call());
  assert.equal(takeCall(full, 1), null);
});

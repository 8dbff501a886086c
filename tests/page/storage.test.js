import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepCall, takeCall } from '../../wwwroot/js/kept-call.js';
import { loadSettings, saveSettings } from '../../wwwroot/js/settings.js';
import { storage } from '../../wwwroot/js/storage.js';

test('a browser that blocks the data of sites: defaults, and nothing is kept', () => {
  for (const name of /** @type {const} */ (['localStorage', 'sessionStorage'])) {
    Object.defineProperty(globalThis, name, { configurable: true, get: () => { throw new DOMException('blocked', 'SecurityError'); } });
  }
  const settings = loadSettings(storage('localStorage'));
  assert.equal(settings.transport, 'websocket');
  saveSettings(storage('localStorage'), settings);
  keepCall(storage('sessionStorage'), /** @type {any} */ ({}));
  assert.equal(takeCall(storage('sessionStorage'), 0), null);
});

test('where there is a store, it is used', () => {
  const kept = new Map();
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, value: { getItem: (/** @type {string} */ k) => kept.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => kept.set(k, v) } });
  saveSettings(storage('localStorage'), { ...loadSettings(storage('localStorage')), silenceMs: 900 });
  assert.equal(loadSettings(storage('localStorage')).silenceMs, 900);
});

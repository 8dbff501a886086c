import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEADER_BYTES, decodeBase64, decodeFrame, encodeBase64, encodeFrame, floatToPcm16, peak, pcm16ToFloat } from '../../wwwroot/js/audio/pcm.js';

test('every PCM16 value survives the way through float', () => {
  const all = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
  assert.deepEqual(floatToPcm16(pcm16ToFloat(all)), all);
});

test('samples beyond full scale are clamped', () => {
  assert.deepEqual([...floatToPcm16(Float32Array.of(2, -2, 1, -1))], [32767, -32768, 32767, -32768]);
});

test('base64 round trip, longer than one slice', () => {
  const pcm = Int16Array.from({ length: 20001 }, (_, i) => (i * 7919) % 65536 - 32768);
  assert.deepEqual(decodeBase64(encodeBase64(pcm)), pcm);
});

test('a view into a larger buffer is encoded alone', () => {
  const pcm = Int16Array.of(1, 2, 3, 4).subarray(1, 3);
  assert.deepEqual([.../** @type {Int16Array} */ (decodeBase64(encodeBase64(pcm)))], [2, 3]);
});

test('base64 that is no audio gives null', () => {
  assert.equal(decodeBase64('%%%'), null);
  assert.equal(decodeBase64('AAAA'), null); // three bytes: half a sample too many
});

test('frame round trip', () => {
  const frame = { ordinal: 0xfffffffe, contentIndex: 3, sampleOffset: 2 ** 40 + 5, samples: Int16Array.of(-32768, 0, 32767) };
  assert.deepEqual(decodeFrame(encodeFrame(frame)), frame);
});

test('frame header is little-endian in the documented places', () => {
  const bytes = new Uint8Array(encodeFrame({ ordinal: 1, contentIndex: 2, sampleOffset: 3, samples: Int16Array.of(0x0504) }));
  assert.deepEqual([...bytes], [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 5]);
});

test('every truncated length is refused or is a shorter whole frame', () => {
  const whole = encodeFrame({ ordinal: 7, contentIndex: 0, sampleOffset: 9, samples: Int16Array.of(1, 2, 3) });
  for (let length = 0; length < whole.byteLength; length++) {
    const frame = decodeFrame(whole.slice(0, length));
    if (length < HEADER_BYTES || length % 2) assert.equal(frame, null, `length ${length}`);
    else assert.equal(frame?.samples.length, (length - HEADER_BYTES) / 2, `length ${length}`);
  }
});

test('an offset beyond exact numbers is refused', () => {
  const bytes = new ArrayBuffer(HEADER_BYTES);
  new DataView(bytes).setBigUint64(8, 2n ** 60n, true);
  assert.equal(decodeFrame(bytes), null);
});

test('peak of silence and of full scale', () => {
  assert.equal(peak(new Int16Array(5)), 0);
  assert.equal(peak(Int16Array.of(3, -32768)), 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resampler } from '../../wwwroot/js/audio/resampler.js';

/** @param {number} frequency @param {number} rate @param {number} length */
const tone = (frequency, rate, length) => Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * frequency * i) / rate));

/** @param {Resampler} resampler @param {Float32Array} input @param {number} block */
function stream(resampler, input, block) {
  const out = [];
  for (let i = 0; i < input.length; i += block) out.push(...resampler.push(input.subarray(i, i + block)));
  return Float32Array.from(out);
}

/** Gain at a frequency, and the ratio to all that is not that tone, dB. @param {Float32Array} signal @param {number} frequency @param {number} rate */
function measure(signal, frequency, rate) {
  // Least squares over whole periods, away from the filter's start.
  const period = rate / gcd(rate, frequency);
  const length = Math.floor((signal.length - 400) / period) * period;
  const part = signal.subarray(200, 200 + length);
  let a = 0;
  let b = 0;
  part.forEach((x, i) => {
    a += (2 / length) * x * Math.sin((2 * Math.PI * frequency * i) / rate);
    b += (2 / length) * x * Math.cos((2 * Math.PI * frequency * i) / rate);
  });
  let rest = 0;
  part.forEach((x, i) => {
    rest += (x - a * Math.sin((2 * Math.PI * frequency * i) / rate) - b * Math.cos((2 * Math.PI * frequency * i) / rate)) ** 2;
  });
  const power = (a * a + b * b) / 2;
  return { gainDb: 20 * Math.log10(Math.hypot(a, b) / 0.5), snrDb: 10 * Math.log10(power / (rest / length)) };
}

/** @param {number} a @param {number} b @returns {number} */
const gcd = (a, b) => (b ? gcd(b, a % b) : a);

for (const [from, to] of [[48000, 24000], [44100, 24000], [24000, 48000], [24000, 44100], [16000, 24000], [96000, 24000], [22050, 24000]]) {
  test(`${from} to ${to} Hz: a tone stays a tone, with its level`, () => {
    const { gainDb, snrDb } = measure(stream(new Resampler(from, to), tone(1000, from, from), 128), 1000, to);
    assert.ok(Math.abs(gainDb) < 0.01, `gain ${gainDb.toFixed(4)} dB`);
    assert.ok(snrDb > 75, `SNR ${snrDb.toFixed(1)} dB`);
  });

  test(`${from} to ${to} Hz: any block sizes give the same samples`, () => {
    const input = tone(700, from, 6000);
    const whole = stream(new Resampler(from, to), input, 6000);
    for (const block of [1, 7, 128, 441]) assert.deepEqual(stream(new Resampler(from, to), input, block), whole);
  });
}

test('the passband is flat to 9 kHz and what would alias is gone', () => {
  for (const frequency of [100, 3000, 6000, 9000]) {
    const { gainDb } = measure(stream(new Resampler(48000, 24000), tone(frequency, 48000, 48000), 128), frequency, 24000);
    assert.ok(Math.abs(gainDb) < 0.1, `${frequency} Hz: ${gainDb.toFixed(3)} dB`);
  }
  for (const frequency of [12500, 15000, 20000]) {
    const out = stream(new Resampler(48000, 24000), tone(frequency, 48000, 48000), 128).subarray(200);
    const level = Math.max(...out.map(Math.abs)) / 0.5;
    assert.ok(20 * Math.log10(level) < -70, `${frequency} Hz: ${(20 * Math.log10(level)).toFixed(1)} dB`);
  }
});

test('blocks of a fixed size, each from as much input as it needs, lose nothing', () => {
  for (const [from, to] of [[24000, 48000], [24000, 44100], [24000, 16000]]) {
    const resampler = new Resampler(from, to);
    const input = tone(500, from, 48000);
    const blocks = [];
    let read = 0;
    for (let i = 0; i < 200; i++) {
      const needed = resampler.inputsFor(128);
      blocks.push(...resampler.push(input.subarray(read, read + needed), 128));
      read += needed;
      assert.equal(blocks.length, 128 * (i + 1), `${from} to ${to}, block ${i}`);
    }
    assert.deepEqual(Float32Array.from(blocks), stream(new Resampler(from, to), input, 4096).subarray(0, blocks.length));
  }
});

test('constant input stays constant', () => {
  const out = stream(new Resampler(44100, 24000), new Float32Array(44100).fill(0.25), 128);
  assert.ok(out.subarray(200).every(x => Math.abs(x - 0.25) < 1e-5));
});

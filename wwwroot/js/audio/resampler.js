/**
 * Streaming sample rate conversion by a polyphase windowed sinc (Kaiser, about 80 dB down).
 * Blocks of any size go in, every sample that can be computed comes out, so seams leave no trace.
 */

const BETA = 8;
const ZERO_CROSSINGS = 32; // each side, at the lower of both rates
// Width of the transition band of this window over the lower rate: (80 - 7.95) / (14.36 * 2 * ZERO_CROSSINGS).
const TRANSITION = 0.0784;

export class Resampler {
  /** @param {number} inputRate @param {number} outputRate */
  constructor(inputRate, outputRate) {
    const divisor = gcd(inputRate, outputRate);
    this.up = outputRate / divisor;
    this.down = inputRate / divisor;
    const scale = Math.min(1, outputRate / inputRate);
    this.half = Math.ceil(ZERO_CROSSINGS / scale);
    this.taps = 2 * this.half;
    this.filter = buildFilter(this.up, this.half, scale * (1 - TRANSITION));
    // The filter looks `half` samples ahead; zeros stand in for what came before the first sample.
    this.buffer = new Float32Array(this.taps + 4096);
    this.fill = this.half - 1;
    this.phase = 0;
    this.output = new Float32Array(1024);
  }

  /** How many input samples `push` must get so that `count` samples can come out. @param {number} count */
  inputsFor(count) {
    const last = Math.floor((this.phase + (count - 1) * this.down) / this.up);
    return Math.max(0, last + this.taps - this.fill);
  }

  /**
   * The result is a view that the next call overwrites. What `limit` keeps back comes out next time.
   * @param {Float32Array} input @param {number} [limit] @returns {Float32Array}
   */
  push(input, limit = Infinity) {
    if (this.fill + input.length > this.buffer.length) this.buffer = grown(this.buffer, this.fill + input.length);
    this.buffer.set(input, this.fill);
    this.fill += input.length;

    const room = Math.ceil((this.fill * this.up) / this.down) + 1;
    if (room > this.output.length) this.output = new Float32Array(2 * room);
    let read = 0;
    let count = 0;
    while (count < limit && read + this.taps <= this.fill) {
      const row = this.phase * this.taps;
      let sum = 0;
      for (let i = 0; i < this.taps; i++) sum += this.filter[row + i] * this.buffer[read + i];
      this.output[count++] = sum;
      this.phase += this.down;
      read += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    // Going down in rate, the next position may lie past what has arrived; taps exceed any such step.
    this.buffer.copyWithin(0, read, this.fill);
    this.fill -= read;
    return this.output.subarray(0, count);
  }
}

/** One row of taps for each phase, each row of sum 1. @param {number} phases @param {number} half @param {number} cutoff */
function buildFilter(phases, half, cutoff) {
  const taps = 2 * half;
  const filter = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let i = 0; i < taps; i++) {
      const time = i - (half - 1) - phase / phases;
      const value = sinc(cutoff * time) * kaiser(time / half);
      filter[phase * taps + i] = value;
      sum += value;
    }
    for (let i = 0; i < taps; i++) filter[phase * taps + i] /= sum;
  }
  return filter;
}

/** @param {number} x */
const sinc = x => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** @param {number} x */
const kaiser = x => (Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA));

/** Modified Bessel function of the first kind, order 0. @param {number} x */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** @param {number} a @param {number} b @returns {number} */
const gcd = (a, b) => (b ? gcd(b, a % b) : a);

/** @param {Float32Array} buffer @param {number} needed */
function grown(buffer, needed) {
  const larger = new Float32Array(2 * needed);
  larger.set(buffer);
  return larger;
}

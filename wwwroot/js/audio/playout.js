import { SAMPLE_RATE, SAMPLES_PER_MS } from './pcm.js';
import { RingBuffer } from './ring-buffer.js';

/** @typedef {import('./ring-buffer.js').ItemAccount} ItemAccount */

const CAPACITY_S = 120;
// Answers of several minutes come in one of them.
const MOST_S = 900;
const FADE_IN = 72; // 3 ms
const FADE_OUT = 192; // 8 ms: short enough for barge-in, long enough to be no click
const MIN_THRESHOLD_MS = 40;
const MAX_THRESHOLD_MS = 400;

/**
 * When to play, wait and fall silent. Starts once enough is buffered for the jitter seen so far, fades at
 * every start, underrun and flush, and tells which sample of which item was rendered when.
 */
export class Playout {
  /** @param {{capacity?: number, most?: number}} [options] in samples */
  constructor({ capacity = CAPACITY_S * SAMPLE_RATE, most = MOST_S * SAMPLE_RATE } = {}) {
    this.ring = new RingBuffer(capacity, most);
    this.playing = false;
    this.underruns = 0;
    this.jitterMs = 0;
    /** @type {ItemAccount | null} the item rendered last */
    this.current = null;
    this.waited = 0;
    this.fadeIn = 0;
    this.lastValue = 0;
    // A tail is what is still to be mixed in after the audio itself has stopped.
    /** @type {Float32Array} */
    this.tail = new Float32Array(0);
    this.tailRead = 0;
    this.burst = { item: '', at: 0, samples: 0 };
  }

  get thresholdMs() {
    return Math.min(MAX_THRESHOLD_MS, MIN_THRESHOLD_MS + 1.25 * this.jitterMs);
  }

  /** @param {string} item @param {number} contentIndex @param {number} offset @param {Int16Array} samples @param {number} nowMs */
  push(item, contentIndex, offset, samples, nowMs) {
    if (!this.ring.buffered && !this.playing) this.waited = 0;
    const taken = this.ring.push(item, contentIndex, offset, samples);
    if (taken) this.observe(item, taken, nowMs);
  }

  /** @param {string} item */
  end(item) {
    return this.ring.end(item);
  }

  /** Falls silent within the fade. Returns the accounts of the items that were cut. */
  flush() {
    const tail = new Float32Array(FADE_OUT);
    const available = this.playing ? this.ring.pull(tail, 0, FADE_OUT, this.noteCurrent) : 0;
    if (available >= FADE_OUT / 4) {
      for (let i = 0; i < available; i++) tail[i] *= fall(i, available) * Math.min(1, (this.fadeIn + i) / FADE_IN);
    } else {
      tail.fill(0);
      if (this.playing) this.decayInto(tail, available ? tail[0] : this.lastValue);
    }
    this.mixTail(tail);
    this.playing = false;
    this.lastValue = 0;
    return this.ring.flush();
  }

  /**
   * Fills `out`. `onItem` hears of the items rendered, `first` being true at an item's first sample.
   * @param {Float32Array} out @param {(account: ItemAccount, index: number, first: boolean) => void} [onItem]
   */
  render(out, onItem) {
    out.fill(0);
    if (!this.playing && this.ring.buffered) {
      this.playing = this.isReady();
      if (this.playing) this.fadeIn = 0;
      this.waited += out.length;
    }
    let count = 0;
    if (this.playing) {
      count = this.ring.pull(out, 0, out.length, (account, index, first) => {
        this.current = account;
        onItem?.(account, index, first);
      });
      for (let i = 0; i < count && this.fadeIn < FADE_IN; i++) out[i] *= this.fadeIn++ / FADE_IN;
      if (count) this.lastValue = out[count - 1];
    }
    this.playTail(out, 0, out.length);
    if (this.playing && count < out.length) this.runDry(out, count);
  }

  /** @private @param {ItemAccount} account */
  noteCurrent = account => {
    this.current = account;
  };

  /** @private The audio stopped at `index`: let the last value die away instead of dropping it. @param {Float32Array} out @param {number} index */
  runDry(out, index) {
    if (this.current && !this.current.ended) this.underruns++;
    const tail = new Float32Array(FADE_OUT);
    this.decayInto(tail, this.lastValue);
    this.mixTail(tail);
    this.playTail(out, index, out.length);
    this.playing = false;
    this.waited = 0;
    this.lastValue = 0;
  }

  /** @private */
  isReady() {
    const bufferedMs = this.ring.buffered / SAMPLES_PER_MS;
    const last = this.ring.segments[this.ring.segments.length - 1];
    // A short answer may never reach the threshold: play it when it is complete or when nothing more comes.
    return bufferedMs >= this.thresholdMs || last.account.ended || this.waited / SAMPLES_PER_MS >= 2 * this.thresholdMs + 100;
  }

  /** @private How late audio comes, measured against a steady stream from the item's first samples. @param {string} item @param {number} taken @param {number} nowMs */
  observe(item, taken, nowMs) {
    if (this.burst.item !== item) this.burst = { item, at: nowMs, samples: 0 };
    const lateMs = nowMs - this.burst.at - this.burst.samples / SAMPLES_PER_MS;
    // Later than a second is a pause of the sender, which no start threshold should try to bridge.
    if (lateMs > 1000) this.burst = { item, at: nowMs, samples: 0 };
    else this.jitterMs = Math.max(0.995 * this.jitterMs, lateMs);
    this.burst.samples += taken;
  }

  /** @private @param {Float32Array} tail @param {number} from */
  decayInto(tail, from) {
    for (let i = 0; i < tail.length; i++) tail[i] = from * fall(i + 1, tail.length);
  }

  /** @private Two tails may overlap when a flush meets an underrun. @param {Float32Array} tail */
  mixTail(tail) {
    for (let i = this.tailRead; i < this.tail.length && i - this.tailRead < tail.length; i++) tail[i - this.tailRead] += this.tail[i];
    this.tail = tail;
    this.tailRead = 0;
  }

  /** @private @param {Float32Array} out @param {number} from @param {number} to */
  playTail(out, from, to) {
    for (let i = from; i < to && this.tailRead < this.tail.length; i++) out[i] += this.tail[this.tailRead++];
  }
}

/** Raised cosine from 1 to 0. @param {number} i @param {number} length */
const fall = (i, length) => 0.5 + 0.5 * Math.cos((Math.PI * i) / length);

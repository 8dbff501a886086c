import { peak } from './pcm.js';

/** The last samples of a stream. */
export class SampleHistory {
  /** @param {number} capacity */
  constructor(capacity) {
    this.store = new Float32Array(capacity);
    this.end = 0;
  }

  /** @param {Float32Array} samples */
  add(samples) {
    for (let i = 0; i < samples.length; i++) this.store[(this.end + i) % this.store.length] = samples[i];
    this.end += samples.length;
  }

  /** @param {number} count */
  last(count) {
    const length = Math.min(count, this.end, this.store.length);
    const samples = new Float32Array(length);
    for (let i = 0; i < length; i++) samples[i] = this.store[(this.end - length + i) % this.store.length];
    return samples;
  }
}

const FRAME_MS = 20;
const FRAME_SAMPLES = 480;
const KEPT_FRAMES = 6000; // two minutes
const BAR_MS = 60;
const MAX_BARS = 80;

/** One peak for each 20 ms of a stream, by its time since the beginning. */
export class PeakHistory {
  /** @param {number} [fromMs] when it begins, if not with the stream */
  constructor(fromMs = 0) {
    /** @type {number[]} */
    this.peaks = [];
    this.dropped = Math.round(fromMs / FRAME_MS);
    this.rest = { peak: 0, samples: 0 };
  }

  get ms() {
    return FRAME_MS * (this.dropped + this.peaks.length);
  }

  /** Where the next sample belongs. */
  get samples() {
    return FRAME_SAMPLES * (this.dropped + this.peaks.length) + this.rest.samples;
  }

  /** @param {Int16Array} pcm */
  add(pcm) {
    for (let i = 0; i < pcm.length; ) {
      const slice = pcm.subarray(i, i + FRAME_SAMPLES - this.rest.samples);
      this.rest.peak = Math.max(this.rest.peak, peak(slice));
      this.rest.samples += slice.length;
      i += slice.length;
      if (this.rest.samples < FRAME_SAMPLES) break;
      this.peaks.push(this.rest.peak);
      this.rest = { peak: 0, samples: 0 };
    }
    if (this.peaks.length > 2 * KEPT_FRAMES) {
      this.dropped += KEPT_FRAMES;
      this.peaks = this.peaks.slice(KEPT_FRAMES);
    }
  }

  /** The time between as bars, the more the longer it is. @param {number} fromMs @param {number} toMs */
  picture(fromMs, toMs) {
    const from = Math.max(0, Math.floor(fromMs / FRAME_MS) - this.dropped);
    const slice = this.peaks.slice(from, Math.max(from, Math.ceil(toMs / FRAME_MS) - this.dropped));
    const count = Math.min(MAX_BARS, Math.ceil((slice.length * FRAME_MS) / BAR_MS));
    return Array.from({ length: count }, (_, i) =>
      Math.max(...slice.slice(Math.floor((i * slice.length) / count), Math.floor(((i + 1) * slice.length) / count))));
  }
}

import { SAMPLE_RATE } from './pcm.js';
import { Playout } from './playout.js';
import { Resampler } from './resampler.js';

/** @typedef {import('./ring-buffer.js').ItemAccount} ItemAccount */

const REPORT_SAMPLES = 960; // 40 ms

/**
 * Item audio in; sound out. Reports every 40 ms what was rendered, and at once when an item is first rendered,
 * has been rendered to its end, or was flushed. Times are those of the context's clock, in seconds.
 */
class PlaybackProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.playout = new Playout();
    this.resampler = sampleRate === SAMPLE_RATE ? null : new Resampler(SAMPLE_RATE, sampleRate);
    this.delay = this.resampler ? this.resampler.half / SAMPLE_RATE : 0;
    this.block = new Float32Array(128);
    this.report = new Float32Array(REPORT_SAMPLES);
    this.fill = 0;
    this.isOpen = true;
    this.finished = '';
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  /** @param {any} message */
  receive(message) {
    switch (message.type) {
      case 'audio':
        return this.playout.push(message.item, message.contentIndex, message.offset, message.samples, 1000 * currentTime);
      case 'end':
        this.playout.end(message.item);
        return;
      case 'flush': {
        const accounts = this.playout.flush();
        return this.port.postMessage({ type: 'flushed', id: message.id, accounts, time: currentTime + this.delay + 0.008 });
      }
      case 'close':
        this.isOpen = false;
    }
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, [[left, ...others]]) {
    if (!left) return this.isOpen;
    if (this.resampler) {
      const block = this.render(this.resampler.inputsFor(left.length));
      left.set(this.resampler.push(block, left.length));
    } else {
      left.set(this.render(left.length));
    }
    for (const channel of others) channel.set(left);
    return this.isOpen;
  }

  /** @param {number} count */
  render(count) {
    if (this.block.length < count) this.block = new Float32Array(count);
    const block = this.block.subarray(0, count);
    this.playout.render(block, (account, index, first) => {
      if (first) this.tell('started', account, index);
    });
    const { current } = this.playout;
    if (current && current.ended && current.rendered >= current.received && this.finished !== current.item) {
      this.finished = current.item;
      this.tell('finished', current, count);
    }
    this.collect(block);
    return block;
  }

  /** @param {string} type @param {ItemAccount} account @param {number} index */
  tell(type, account, index) {
    this.port.postMessage({ type, account, time: currentTime + index / SAMPLE_RATE + this.delay });
  }

  /** @param {Float32Array} samples */
  collect(samples) {
    for (let i = 0; i < samples.length; i++) {
      this.report[this.fill++] = samples[i];
      if (this.fill < REPORT_SAMPLES) continue;
      const { playing, ring, current, underruns, thresholdMs, jitterMs } = this.playout;
      const copy = this.report.slice();
      this.port.postMessage(
        { type: 'report', time: currentTime, samples: copy, playing, bufferedMs: ring.buffered / 24, account: current, underruns, thresholdMs, jitterMs },
        [copy.buffer]);
      this.fill = 0;
    }
  }
}

registerProcessor('playback', PlaybackProcessor);

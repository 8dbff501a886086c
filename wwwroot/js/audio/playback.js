import { heardAt, outputLatency } from './context.js';
import { SAMPLES_PER_MS } from './pcm.js';

/**
 * @typedef {import('./ring-buffer.js').ItemAccount} ItemAccount
 * @typedef {object} PlaybackHandlers
 * @property {(itemId: string, at: number) => void} onStarted the item's first sample is heard at that time
 * @property {(account: ItemAccount) => void} onFinished
 * @property {(samples: Float32Array) => void} onRendered 40 ms of what went to the speaker, at 24 kHz
 */

/** The speaker. Audio goes in as it comes; what was heard of each item comes out. */
export class Playback {
  /** @param {AudioContext} context @param {PlaybackHandlers} handlers */
  constructor(context, handlers) {
    this.context = context;
    this.handlers = handlers;
    this.isTrack = false;
    this.state = { playing: false, bufferedMs: 0, underruns: 0, thresholdMs: 0, jitterMs: 0 };
    /** @type {ItemAccount | null} */
    this.current = null;
    /** @type {Map<number, (flushed: {accounts: ItemAccount[], silentAt: number}) => void>} */
    this.flushes = new Map();
    this.flushCount = 0;
    this.node = new AudioWorkletNode(context, 'playback', { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [2] });
    this.node.port.onmessage = ({ data }) => this.receive(data);
    this.node.connect(context.destination);
  }

  /** @param {string} item @param {number} contentIndex @param {number} offset @param {Int16Array} samples */
  play(item, contentIndex, offset, samples) {
    // The view may look into a received message: what is handed over must be the samples alone.
    const own = samples.byteLength === samples.buffer.byteLength ? samples : samples.slice();
    this.state.bufferedMs += samples.length / SAMPLES_PER_MS;
    this.node.port.postMessage({ type: 'audio', item, contentIndex, offset, samples: own }, [own.buffer]);
  }

  /** @param {string} item */
  end(item) {
    this.node.port.postMessage({ type: 'end', item });
  }

  get isAudible() {
    return this.state.playing || this.state.bufferedMs > 0;
  }

  /** Falls silent. Resolves with what was heard of the items that were cut. @returns {Promise<{accounts: ItemAccount[], silentAt: number}>} */
  flush() {
    const id = ++this.flushCount;
    this.state.bufferedMs = 0;
    this.state.playing = false;
    this.node.port.postMessage({ type: 'flush', id });
    return new Promise(resolve => this.flushes.set(id, resolve));
  }

  /** What of an item has left the speaker, ms. @param {ItemAccount} account */
  heardMs(account) {
    return Math.max(0, account.rendered / SAMPLES_PER_MS - (account.rendered < account.received || !account.ended ? 1000 * outputLatency(this.context) : 0));
  }

  close() {
    this.node.port.postMessage({ type: 'close' });
    this.node.port.onmessage = null;
    this.node.disconnect();
  }

  /** @private @param {any} message */
  receive(message) {
    if (message.type === 'report') {
      const { playing, bufferedMs, underruns, thresholdMs, jitterMs } = message;
      this.state = { playing, bufferedMs, underruns, thresholdMs, jitterMs };
      this.current = message.account;
      this.handlers.onRendered(message.samples);
    } else if (message.type === 'started') {
      this.current = message.account;
      this.handlers.onStarted(message.account.item, heardAt(this.context, message.time));
    } else if (message.type === 'finished') {
      this.handlers.onFinished(message.account);
    } else if (message.type === 'flushed') {
      this.flushes.get(message.id)?.({ accounts: message.accounts, silentAt: heardAt(this.context, message.time) });
      this.flushes.delete(message.id);
    }
  }
}

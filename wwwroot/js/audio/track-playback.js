import { heardAt, outputLatency } from './context.js';
import { FRAME_SAMPLES, SAMPLES_PER_MS, pcm16ToFloat, peak } from './pcm.js';

/**
 * @typedef {import('./ring-buffer.js').ItemAccount} ItemAccount
 * @typedef {import('./playback.js').PlaybackHandlers} PlaybackHandlers
 * @typedef {object} TrackHandlers
 * @property {(itemId: string, sampleOffset: number, samples: Int16Array) => void} onHeard what was heard of an item, each 100 ms
 * @property {() => void} onSuspended whether the browser holds the sound back may have changed
 */

const LOUD = 0.004; // -48 dBFS; the silence between answers is softer
const STILL_AUDIBLE_MS = 300;
const SILENT_AT_MOST_MS = 1000;
const FALLS_SILENT_WITHIN_MS = 250;
const BATCH_FRAMES = 5;

/**
 * The speaker of a received track. The browser buffers and plays it, the server holds what is still to come and truncates by itself; its events say
 * of which item the sound is. A tap on the track hears what is played.
 */
export class TrackPlayback {
  /** @param {AudioContext} context @param {MediaStream} stream @param {Pick<PlaybackHandlers, 'onStarted'|'onFinished'|'onRendered'> & TrackHandlers} handlers */
  constructor(context, stream, handlers) {
    this.context = context;
    this.stream = stream;
    this.handlers = handlers;
    this.isTrack = true;
    this.isBlocked = false;
    this.state = { playing: false, bufferedMs: 0, underruns: 0, thresholdMs: 0, jitterMs: 0 };
    /** @type {ItemAccount | null} */
    this.current = null;
    /** How long a packet waits in the browser before it is heard; from the connection's statistics. */
    this.delayMs = 0;
    this.loudAt = -Infinity;
    /** @type {Int16Array[]} */
    this.batch = [];
    /** @type {((silentAt: number) => void) | null} */
    this.awaitsSilence = null;
    this.timer = 0;
    this.element = new Audio();
    this.element.srcObject = stream;
    this.tap();
    void this.resume();
  }

  get isAudible() {
    return !this.isHeldBack && (!!this.current || performance.now() - this.loudAt < STILL_AUDIBLE_MS);
  }

  /** Tries to play, which a browser may refuse before a gesture. */
  async resume() {
    const isBlocked = await this.element.play().then(() => false, error => error?.name === 'NotAllowedError');
    if (isBlocked === this.isBlocked) return;
    this.isBlocked = isBlocked;
    this.handlers.onSuspended();
  }

  /** @param {string} deviceId */
  async changeSpeaker(deviceId) {
    await /** @type {any} */ (this.element).setSinkId?.(deviceId);
  }

  /** The server has begun to send an item's sound. @param {string} item @param {number} at ms, on the clock of performance.now() */
  begin(item, at) {
    this.finish();
    this.batch = [];
    this.holdBack(false);
    this.current = { item, contentIndex: 0, received: 0, rendered: 0, lost: 0, ended: false, cut: false };
    this.state.playing = true;
    this.handlers.onStarted(item, at + this.delayMs + 1000 * outputLatency(this.context));
  }

  /** The server has nothing more of what is being heard. */
  finish() {
    const account = this.current;
    if (!account) return;
    this.tellHeard();
    account.ended = true;
    this.current = null;
    this.state.playing = false;
    this.handlers.onFinished(account);
  }

  /** Falls silent until the next item begins; what is on its way is not heard any more. @returns {Promise<{accounts: ItemAccount[], silentAt: number}>} */
  flush() {
    const account = this.current;
    this.tellHeard();
    if (account) account.cut = true;
    this.current = null;
    this.state.playing = false;
    const wasLoud = performance.now() - this.loudAt < STILL_AUDIBLE_MS;
    this.holdBack(true);
    const accounts = account ? [account] : [];
    const earliest = performance.now() + 1000 * outputLatency(this.context);
    return new Promise(resolve => {
      const done = (/** @type {number} */ silentAt) => {
        this.awaitsSilence = null;
        resolve({ accounts, silentAt: Math.max(silentAt, earliest) });
      };
      if (!wasLoud || !this.node) return done(earliest);
      this.awaitsSilence = done;
      setTimeout(() => this.awaitsSilence === done && done(performance.now()), FALLS_SILENT_WITHIN_MS);
    });
  }

  /** Frames do not come this way. */
  play() {}

  /** The end is told by `finish`, when the sound is through. */
  end() {}

  /** @param {ItemAccount} account */
  heardMs(account) {
    return account.rendered / SAMPLES_PER_MS;
  }

  close() {
    clearTimeout(this.timer);
    this.awaitsSilence?.(performance.now());
    this.node?.port.postMessage({ type: 'close' });
    if (this.node) this.node.port.onmessage = null;
    this.node?.disconnect();
    this.source?.disconnect();
    this.element.srcObject = null;
  }

  /** @private */
  get isHeldBack() {
    return this.stream.getAudioTracks().every(t => !t.enabled);
  }

  /** @private Without a word that the next item has begun, the sound comes back by itself: not every server says so. @param {boolean} isHeldBack */
  holdBack(isHeldBack) {
    clearTimeout(this.timer);
    for (const track of this.stream.getAudioTracks()) track.enabled = !isHeldBack;
    if (isHeldBack) this.timer = setTimeout(() => this.holdBack(false), SILENT_AT_MOST_MS);
  }

  /** @private */
  tap() {
    try {
      this.source = this.context.createMediaStreamSource(this.stream);
    } catch {
      // A browser that wants the track at its own rate: it is heard all the same, only without levels.
      return;
    }
    this.node = new AudioWorkletNode(this.context, 'capture', { numberOfInputs: 1, numberOfOutputs: 1 });
    this.node.port.onmessage = ({ data }) => this.hear(data.pcm, data.time);
    this.source.connect(this.node).connect(this.context.destination);
  }

  /** @private @param {Int16Array} pcm 20 ms @param {number} time of its end, on the context's clock */
  hear(pcm, time) {
    const isLoud = peak(pcm) > LOUD;
    if (isLoud) this.loudAt = performance.now();
    else this.awaitsSilence?.(heardAt(this.context, time - FRAME_SAMPLES / SAMPLES_PER_MS / 1000));
    this.batch.push(pcm);
    if (this.current) this.current.received = this.current.rendered += pcm.length;
    this.handlers.onRendered(pcm16ToFloat(pcm));
    if (this.batch.length === BATCH_FRAMES) this.tellHeard();
  }

  /** @private */
  tellHeard() {
    if (!this.batch.length) return;
    const samples = new Int16Array(this.batch.length * FRAME_SAMPLES);
    this.batch.forEach((pcm, i) => samples.set(pcm, i * FRAME_SAMPLES));
    this.batch = [];
    if (this.current) this.handlers.onHeard(this.current.item, Math.max(0, this.current.rendered - samples.length), samples);
  }
}

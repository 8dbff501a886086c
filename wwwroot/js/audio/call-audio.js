import { Capture } from './capture.js';
import { openContext } from './context.js';
import { SampleHistory } from './history.js';
import { SAMPLE_RATE, pcm16ToFloat } from './pcm.js';
import { Playback } from './playback.js';

const HISTORY_SAMPLES = 10 * SAMPLE_RATE;

/**
 * @typedef {import('./playback.js').PlaybackHandlers} PlaybackHandlers
 * @typedef {object} CallAudioHandlers
 * @property {(pcm: Int16Array) => void} onFrame 20 ms from the microphone
 * @property {() => void} onMicrophoneEnded
 * @property {() => void} onContextState
 */

/** Both directions of a call's sound in one context, with the last ten seconds of each. */
export class CallAudio {
  /** @param {CallAudioHandlers & PlaybackHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {Capture | null} */
    this.capture = null;
    /** @type {Playback | null} */
    this.playback = null;
    this.captured = new SampleHistory(HISTORY_SAMPLES);
    this.played = new SampleHistory(HISTORY_SAMPLES);
  }

  /**
   * @param {import('../settings.js').Settings} settings @param {boolean} withMicrophone
   * @param {AudioContext | null} [context] made within the gesture that began the call; closed with it
   */
  async open(settings, withMicrophone, context = null) {
    this.context = context;
    const capture = withMicrophone ? this.newCapture() : null;
    await capture?.acquire(microphoneOptions(settings));
    this.capture = capture;
    try {
      await this.build(settings, false, context);
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== 'NotSupportedError') throw error;
      // Some browsers connect a microphone only to a context at the device's own rate.
      await this.teardown();
      await this.build(settings, true);
    }
  }

  /** Another microphone, or the same with other processing. @param {import('../settings.js').Settings} settings */
  async changeMicrophone(settings) {
    const capture = this.newCapture();
    await capture.acquire(microphoneOptions(settings));
    this.capture?.stop();
    this.capture = capture;
    if (this.context) capture.connect(this.context);
  }

  /** @param {string} deviceId */
  async changeSpeaker(deviceId) {
    const context = /** @type {any} */ (this.context);
    if (context?.setSinkId) await context.setSinkId(deviceId);
  }

  async close() {
    this.capture?.stop();
    this.capture = null;
    await this.teardown();
  }

  get microphoneLabel() {
    return this.capture?.stream ? this.capture.track.label : '';
  }

  /** @private */
  newCapture() {
    return new Capture({
      onFrame: pcm => {
        this.captured.add(pcm16ToFloat(pcm));
        this.handlers.onFrame(pcm);
      },
      onEnded: () => this.handlers.onMicrophoneEnded(),
    });
  }

  /** @private @param {import('../settings.js').Settings} settings @param {boolean} atDeviceRate @param {AudioContext | null} [given] */
  async build(settings, atDeviceRate, given = null) {
    this.context = await openContext(atDeviceRate, given);
    this.context.onstatechange = () => this.handlers.onContextState();
    this.capture?.connect(this.context);
    this.playback = new Playback(this.context, {
      ...this.handlers,
      onRendered: samples => {
        this.played.add(samples);
        this.handlers.onRendered(samples);
      },
    });
    if (settings.speaker) await this.changeSpeaker(settings.speaker).catch(() => {});
  }

  /** @private */
  async teardown() {
    this.playback?.close();
    this.playback = null;
    const context = this.context;
    this.context = null;
    if (context) {
      context.onstatechange = null;
      await context.close().catch(() => {});
    }
  }
}

/** @param {import('../settings.js').Settings} settings */
const microphoneOptions = ({ microphone, echoCancellation, noiseSuppression, autoGainControl }) =>
  ({ deviceId: microphone, echoCancellation, noiseSuppression, autoGainControl });

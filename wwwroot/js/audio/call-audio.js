import { Capture } from './capture.js';
import { openContext } from './context.js';
import { SampleHistory } from './history.js';
import { SAMPLE_RATE, pcm16ToFloat } from './pcm.js';
import { Playback } from './playback.js';
import { TrackPlayback } from './track-playback.js';

const HISTORY_SAMPLES = 10 * SAMPLE_RATE;

/**
 * @typedef {import('./playback.js').PlaybackHandlers} PlaybackHandlers
 * @typedef {import('./track-playback.js').TrackHandlers} TrackHandlers
 * @typedef {object} CallAudioHandlers
 * @property {(pcm: Int16Array) => void} onFrame 20 ms from the microphone
 * @property {() => void} onMicrophoneEnded
 * @property {() => void} onSuspended whether the browser holds the sound back may have changed
 */

/** Both directions of a call's sound in one context, with the last ten seconds of each. */
export class CallAudio {
  /** @param {CallAudioHandlers & PlaybackHandlers & TrackHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {Capture | null} */
    this.capture = null;
    /** @type {Playback | null} */
    this.playback = null;
    /** @type {TrackPlayback | null} */
    this.track = null;
    this.speakerId = '';
    // What waits for the browser or the user may be outdated when it is there at last.
    this.opening = 0;
    this.choice = 0;
    this.captured = new SampleHistory(HISTORY_SAMPLES);
    this.played = new SampleHistory(HISTORY_SAMPLES);
  }

  /**
   * In place of what is open. False when it was closed, or opened anew, meanwhile: then nothing of this remains.
   * @param {import('../settings.js').Settings} settings @param {boolean} withMicrophone
   * @param {AudioContext | null} [context] made within the gesture that began the call; closed with it
   */
  async open(settings, withMicrophone, context = null) {
    this.release();
    const opening = this.opening;
    const isCurrent = () => opening === this.opening;
    const closed = this.teardown();
    this.context = context;
    try {
      await closed;
      if (!isCurrent()) return false;
      if (withMicrophone) await this.changeMicrophone(settings);
      if (!isCurrent()) return false;
      try {
        await this.build(settings, false, isCurrent, context);
      } catch (error) {
        if (/** @type {any} */ (error)?.name !== 'NotSupportedError' || !isCurrent()) throw error;
        // Some browsers connect a microphone only to a context at the device's own rate.
        await this.teardown();
        if (isCurrent()) await this.build(settings, true, isCurrent);
      }
    } catch (error) {
      if (isCurrent()) throw error;
    }
    return isCurrent();
  }

  /**
   * Another microphone, or the same with other processing. False when the call was closed, or another one wanted, while the browser
   * or the user thought about it: then it is let go at once.
   * @param {import('../settings.js').Settings} settings
   */
  async changeMicrophone(settings) {
    const choice = ++this.choice;
    const capture = this.newCapture();
    try {
      await capture.acquire(microphoneOptions(settings));
    } catch (error) {
      if (choice !== this.choice) return false;
      throw error;
    }
    if (choice !== this.choice) {
      capture.stop();
      return false;
    }
    this.capture?.stop();
    this.capture = capture;
    // Before that, build connects it.
    if (this.context && this.playback) capture.connect(this.context);
    return true;
  }

  /** @param {string} deviceId */
  async changeSpeaker(deviceId) {
    this.speakerId = deviceId;
    const context = /** @type {any} */ (this.context);
    if (context?.setSinkId) await context.setSinkId(deviceId);
    await this.track?.changeSpeaker(deviceId);
  }

  /** The agent's sound comes as this track from now on, or in frames again when there is none. @param {MediaStream | null} stream */
  playTrack(stream) {
    if (stream === (this.track?.stream ?? null)) return;
    this.track?.close();
    this.track = stream && this.context ? new TrackPlayback(this.context, stream, { ...this.handlers, onRendered: samples => this.rendered(samples, true) }) : null;
    if (this.speakerId) void this.track?.changeSpeaker(this.speakerId).catch(() => {});
  }

  /** The one that is heard. What frames left behind is heard to its end, also when a track has taken over. */
  get speaker() {
    return this.track && !this.playback?.isAudible ? this.track : this.playback;
  }

  /** The browser wants a gesture first. */
  get isSuspended() {
    return (!!this.context && this.context.state !== 'running') || !!this.track?.isBlocked;
  }

  /** To be called within a gesture. */
  async resume() {
    await Promise.all([this.context?.resume().catch(() => {}), this.track?.resume()]);
  }

  /** Lets go of the microphone, also of one that the browser or the user still thinks about. What sounds goes on. */
  release() {
    this.opening++;
    this.choice++;
    this.capture?.stop();
    this.capture = null;
  }

  async close() {
    this.release();
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

  /** @private @param {import('../settings.js').Settings} settings @param {boolean} atDeviceRate @param {() => boolean} isCurrent @param {AudioContext | null} [given] */
  async build(settings, atDeviceRate, isCurrent, given = null) {
    const context = await openContext(atDeviceRate, given);
    if (!isCurrent()) return void (await context.close().catch(() => {}));
    this.context = context;
    this.context.onstatechange = () => this.handlers.onSuspended();
    this.capture?.connect(this.context);
    this.playback = new Playback(this.context, { ...this.handlers, onRendered: samples => this.rendered(samples, false) });
    if (settings.speaker) await this.changeSpeaker(settings.speaker).catch(() => {});
  }

  /** @private @param {Float32Array} samples @param {boolean} isTrack */
  rendered(samples, isTrack) {
    if (isTrack !== (this.speaker === this.track)) return;
    this.played.add(samples);
    this.handlers.onRendered(samples);
  }

  /** @private */
  async teardown() {
    this.playTrack(null);
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

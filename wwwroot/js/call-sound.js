import { CallAudio } from './audio/call-audio.js';
import { playCue } from './audio/cue.js';
import { SAMPLES_PER_MS, floatToPcm16, peak } from './audio/pcm.js';
import { Microphone } from './microphone.js';
import { QuietWatch } from './quiet-watch.js';
import { Uplink } from './uplink.js';

/**
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {object} SoundParts
 * @property {import('./line.js').Line} line
 * @property {import('./turn-taking.js').TurnTaking} turns
 * @property {import('./notices.js').Notices} notices
 * @property {Settings} settings
 * @property {() => boolean} isLive the call stands
 * @property {() => void} onChange
 * @property {(side: 'user'|'agent', level: number, ms: number, isCarried: boolean) => void} onLevel
 */

// The cue may still sound.
const CLOSES_AFTER_MS = 400;
// A line that takes one frame and not the next is slow all the same.
const SLOW_FOR_MS = 5000;

/** A call's sound: what the user says on its way to the turns and the line, what the agent says on its way to the ear, and what there is to tell about both. */
export class CallSound {
  /** @param {SoundParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { line, turns, notices, settings, onChange } = parts;
    this.audio = new CallAudio({
      onFrame: pcm => this.captured(pcm),
      onMicrophoneEnded: () => void this.microphone.unplugged(settings),
      onSuspended: () => this.checkSuspended(),
      onStarted: (itemId, at) => turns.note({ type: 'page.heard', item_id: itemId, heard_at: at }),
      onFinished: account => turns.finished(account),
      onHeard: (itemId, offset, samples) => turns.heard(itemId, offset, samples),
      onRendered: samples => parts.onLevel('agent', peak(floatToPcm16(samples)), samples.length / SAMPLES_PER_MS, true),
    });
    this.microphone = new Microphone(this.audio, notices, {
      onChange,
      onLost: () => {
        this.uplink.fallSilent();
        turns.release();
      },
      onStream: stream => line.setMicrophone(stream),
    });
    this.uplink = new Uplink({ line, turns, isConnected: () => this.carriesMicrophone });
    this.quiet = new QuietWatch();
    this.slowAt = -Infinity;
  }

  /** Whether what the microphone hears can go to the agent. */
  get carriesMicrophone() {
    return this.parts.isLive() && this.microphone.isUsed;
  }

  /** Throws what the browser says when it gives no microphone or no sound, unless it was closed meanwhile. @param {boolean} withMicrophone @param {AudioContext | null} context */
  async open(withMicrophone, context) {
    this.microphone.begin(withMicrophone);
    try {
      if (!(await this.audio.open(this.parts.settings, withMicrophone, context))) return;
    } catch (error) {
      await this.audio.close();
      throw error;
    }
    setTimeout(() => this.checkSuspended(), 400);
    this.quiet.reset(performance.now());
  }

  /** A connection serves: the agent comes as its track, or in frames. */
  connected() {
    this.audio.playTrack(this.parts.line.connection?.stream ?? null);
    this.uplink.update();
    void this.measure();
  }

  /** Falls silent, and closes unless a new call has begun meanwhile. @param {() => boolean} isActive */
  leave(isActive) {
    const { audio } = this;
    audio.release();
    void audio.speaker?.flush();
    const context = audio.context;
    setTimeout(() => audio.context === context && !isActive() && void audio.close(), CLOSES_AFTER_MS);
  }

  /** @param {'listening'|'stopped'} name */
  cue(name) {
    if (this.parts.settings.cues && this.audio.context) playCue(this.audio.context, name);
  }

  /** What has changed of the settings. @param {Partial<Settings>} changes */
  async changeSettings(changes) {
    const has = (/** @type {(keyof Settings)[]} */ ...keys) => keys.some(k => k in changes);
    const { settings } = this.parts;
    // The microphone first: a call that ends meanwhile must not find one opened after it.
    if (has('microphone', 'echoCancellation', 'noiseSuppression', 'autoGainControl')) await this.microphone.change(settings);
    if (has('speaker')) await this.audio.changeSpeaker(settings.speaker).catch(() => {});
  }

  /** The browser lets sound out only after a gesture. */
  async resume() {
    await this.audio.resume();
    this.checkSuspended();
  }

  /** Where no microphone is left to say so, a turn that the server still hears is over all the same. @param {number} ms since the last time */
  keepSilent(ms) {
    const { line, turns, isLive } = this.parts;
    if (isLive() && !this.microphone.isUsed && !line.carriesTracks && turns.session.userSpeaking) turns.sendSilence(ms);
  }

  /** @param {boolean} isListening */
  checkQuiet(isListening) {
    const found = this.quiet.check(performance.now(), isListening);
    if (found) this.parts.notices.set(found, this.microphone.label);
  }

  /** Looks at the line, and with it at how long the agent's sound waits in the browser. */
  async measure() {
    const { line } = this.parts;
    await line.measure();
    const { bufferMs } = line.stats ?? {};
    if (this.audio.track && typeof bufferMs === 'number') this.audio.track.delayMs = bufferMs;
  }

  /** A frame for a line that takes frames. @param {Int16Array} frame */
  sendFrame(frame) {
    const { line, notices } = this.parts;
    const isSent = line.sendAudio(frame);
    if (isSent) {
      if (notices.standing.has('slow') && performance.now() - this.slowAt > SLOW_FOR_MS) notices.clear('slow');
    } else if (line.state.phase === 'open') {
      this.slowAt = performance.now();
      notices.set('slow');
    }
    return isSent;
  }

  /** @private @param {Int16Array} pcm */
  captured(pcm) {
    const level = peak(pcm);
    this.quiet.hear(level);
    this.parts.onLevel('user', level, pcm.length / SAMPLES_PER_MS, this.uplink.captured(pcm));
  }

  /** @private */
  checkSuspended() {
    if (this.audio.isSuspended) this.parts.notices.set('suspended');
    else this.parts.notices.clear('suspended');
    this.parts.onChange();
  }
}

import { microphoneNotice } from './notices.js';

/**
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {object} MicrophoneHandlers
 * @property {() => void} onChange
 * @property {() => void} onLost it was unplugged, in mid-sentence perhaps
 * @property {(stream: MediaStream | null) => void} onStream another one is used from now on
 */

/** A call's microphone, which may be there or not, be changed, unplugged and plugged in again. */
export class Microphone {
  /** @param {import('./audio/call-audio.js').CallAudio} audio @param {import('./notices.js').Notices} notices @param {MicrophoneHandlers} handlers */
  constructor(audio, notices, handlers) {
    this.audio = audio;
    this.notices = notices;
    this.handlers = handlers;
    /** The call is to be had with one. */
    this.isUsed = true;
    /** It was, until the last one went. */
    this.isLost = false;
  }

  /** A call begins. @param {boolean} isUsed */
  begin(isUsed) {
    this.isUsed = isUsed;
    this.isLost = false;
  }

  get stream() {
    return this.audio.capture?.stream ?? null;
  }

  get label() {
    return this.audio.microphoneLabel;
  }

  /** Another device, or the same with other processing. @param {Settings} settings */
  async change(settings) {
    if (this.isLost) return this.take(settings);
    if (!this.isUsed) return;
    try {
      if (await this.audio.changeMicrophone(settings)) this.handlers.onStream(this.stream);
    } catch (error) {
      this.notices.set(microphoneNotice(error));
    }
  }

  /** Another one takes over, if there is one. @param {Settings} settings */
  async unplugged(settings) {
    this.handlers.onLost();
    this.notices.set('unplugged', 'lost');
    this.handlers.onChange();
    await this.take({ ...settings, microphone: '' });
  }

  /** The devices have changed. A call that lost its last microphone takes the one that was plugged in. @param {Settings} settings */
  async devicesChanged(settings) {
    if (this.isLost) await this.take(settings);
  }

  /** @private @param {Settings} settings */
  async take(settings) {
    try {
      if (!(await this.audio.changeMicrophone(settings))) return;
      this.isUsed = true;
      this.isLost = false;
      this.notices.set('unplugged', this.label || 'the default microphone');
    } catch (error) {
      this.isUsed = false;
      this.isLost = true;
      this.notices.set('unplugged', microphoneNotice(error) === 'denied' ? 'denied' : '');
    }
    this.handlers.onStream(this.isUsed ? this.stream : null);
    this.handlers.onChange();
  }
}

import { element } from './dom.js';
import { check, choice, fill } from './fields.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** Which microphone and speaker, and what the browser does to the sound. */
export class SoundView {
  /** @param {import('../call.js').Call} call @param {(changes: Partial<Settings>) => void} onChange */
  constructor(call, onChange) {
    this.call = call;
    const { settings } = call;
    this.microphone = choice('Microphone', '', [['', 'Default']], '', id => onChange({ microphone: id }));
    this.speaker = choice('Speaker', canMoveAll ? '' : canMoveTracks ? 'For WebRTC; this browser plays other calls on the system’s speaker.' : 'This browser plays on the system’s speaker.', [['', 'Default']], '', id => onChange({ speaker: id }));
    this.speaker.select.disabled = !canMoveAll && !canMoveTracks;
    this.meters = { user: meter('Microphone level', 'user'), agent: meter('Agent level', 'agent') };
    this.root = element('div', { class: 'view' },
      this.microphone.field, this.meters.user.parentElement, this.speaker.field, this.meters.agent.parentElement,
      element('h2', {}, 'Processing'),
      check('Echo cancellation', 'Keeps the agent from hearing itself', settings.echoCancellation, v => onChange({ echoCancellation: v })),
      check('Noise suppression', 'Takes out fans and hum', settings.noiseSuppression, v => onChange({ noiseSuppression: v })),
      check('Automatic level', 'Evens out loud and quiet speech', settings.autoGainControl, v => onChange({ autoGainControl: v })),
      check('Cue tones', 'Two soft notes when it listens and when it stops', settings.cues, v => onChange({ cues: v })));
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.list());
    void this.list();
  }

  show() {
    // Names are told only once the microphone is allowed.
    if (this.call.audio.microphoneLabel !== this.listedFor) void this.list();
  }

  /** @param {'user'|'agent'} side @param {number} level */
  level(side, level) {
    if (!this.root.hidden) this.meters[side].style.transform = `scaleX(${Math.min(1, Math.sqrt(level)).toFixed(3)})`;
  }

  /** @private */
  async list() {
    this.listedFor = this.call.audio.microphoneLabel;
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    for (const [kind, { select }, value] of /** @type {[string, any, string][]} */ ([
      ['audioinput', this.microphone, this.call.settings.microphone], ['audiooutput', this.speaker, this.call.settings.speaker]])) {
      const named = devices.filter(d => d.kind === kind && d.deviceId && d.deviceId !== 'default' && d.label);
      fill(select, [['', 'Default'], ...named.map(d => /** @type {[string, string]} */ ([d.deviceId, d.label]))], value);
    }
  }
}

const canMoveAll = typeof AudioContext !== 'undefined' && 'setSinkId' in AudioContext.prototype;
// Firefox moves elements only, and an element is what plays the track of a WebRTC call.
const canMoveTracks = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;

/** @param {string} label @param {string} side */
function meter(label, side) {
  const bar = element('span', { class: side });
  element('div', { class: 'meter', role: 'img', 'aria-label': label }, bar);
  return bar;
}

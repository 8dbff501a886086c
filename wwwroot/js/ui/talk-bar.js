import { byId, millis, setText } from './dom.js';
import { STATE_WORDS, stateHint } from './words.js';

/** @typedef {import('../call.js').Call} Call */

/** The talk button and what stands around it. */
export class TalkBar {
  /** @param {Call} call */
  constructor(call) {
    this.call = call;
    this.talk = byId('talk');
    this.mute = byId('mute');
    this.hold = byId('hold');
    this.mute.addEventListener('click', () => call.setMuted(!call.muted));
    this.hold.addEventListener('pointerdown', (/** @type {PointerEvent} */ e) => {
      this.hold.setPointerCapture(e.pointerId);
      call.press();
    });
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) this.hold.addEventListener(end, () => call.release());
    // Pressed without a pointer, by a screen reader or Enter, it stays pressed until the next time.
    this.hold.addEventListener('click', (/** @type {MouseEvent} */ e) => !e.detail && (call.turns.holding ? call.release() : call.press()));
    this.hold.addEventListener('contextmenu', (/** @type {Event} */ e) => e.preventDefault());
  }

  show() {
    const { call } = this;
    const { state } = call;
    const words = STATE_WORDS[state];
    this.talk.dataset.state = state;
    setText(byId('talk-label'), words.label);
    const wait = state === 'reconnecting' ? Math.max(0, Math.ceil((call.line.state.retryAt - performance.now()) / 1000)) : 0;
    setText(byId('count'), wait ? String(wait) : '');
    setText(byId('state-word'), state === 'reconnecting' && !call.line.hasSession ? 'Waiting' : words.word);
    setText(byId('state-hint'), state === 'reconnecting' ? (wait ? `Next try in ${wait} s` : 'Trying now') : stateHint(call));
    this.mute.disabled = !call.isActive || !call.withMicrophone;
    this.mute.setAttribute('aria-pressed', String(call.muted));
    setText(byId('mute-label'), call.muted ? 'Unmute' : 'Mute');
    const isPushToTalk = call.turns.isPushToTalk && call.withMicrophone;
    this.hold.hidden = !isPushToTalk || !call.isActive;
    this.mute.hidden = isPushToTalk;
    this.hold.classList.toggle('held', call.turns.holding);
    const { speechEndToAudioMs, bargeInToSilenceMs, roundTripMs } = call.session.latencies;
    if (roundTripMs.length || speechEndToAudioMs.length) byId('readouts').classList.remove('unmeasured');
    setText(byId('latency-answer'), millis(speechEndToAudioMs.at(-1)));
    setText(byId('latency-barge-in'), millis(bargeInToSilenceMs.at(-1)));
    setText(byId('latency-round-trip'), millis(roundTripMs.at(-1)));
  }
}

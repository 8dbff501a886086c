import { modelOf } from './agent.js';
import { Allowance } from './allowance.js';
import { urlOf } from './api.js';
import { CallSound } from './call-sound.js';
import { Line } from './line.js';
import { Notices, microphoneNotice } from './notices.js';
import { TurnTaking } from './turn-taking.js';

/**
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./api.js').Config} Config
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {'idle'|'permission'|'connecting'|'listening'|'ready'|'hearing'|'thinking'|'speaking'|'muted'|'reconnecting'} CallState
 *
 * @typedef {object} CallHandlers
 * @property {() => void} onChange something that the page shows has changed
 * @property {(direction: 'sent'|'received', event: RealtimeEvent) => void} onLog
 * @property {(side: 'user'|'agent', level: number, ms: number, isCarried: boolean) => void} onLevel real peaks, 0..1, of that much sound;
 *   what the user says is carried when it goes to the agent
 * @property {(text: string) => void} [onUnsent] what was typed for a call that did not come about
 */

const TICK_MS = 250;
const MEASURE_EACH_TICKS = 4;
// What the server knows of has been told by then.
const TOLD_WITHIN_MS = 2000;

/** A call: its sound, its line and what there is to tell about both. It outlives the connections that carry it. */
export class Call {
  /** @param {Config} config @param {Settings} settings @param {CallHandlers} handlers */
  constructor(config, settings, handlers) {
    this.config = config;
    this.settings = settings;
    this.handlers = handlers;
    this.notices = new Notices();
    /** @type {'idle'|'permission'|'connecting'|'live'|'waiting'} */
    this.phase = 'idle';
    this.line = new Line({
      onState: state => this.lineChanged(state),
      onEvent: (event, at) => this.receive(event, at),
      onAudio: audio => this.turns.receiveAudio(audio),
      microphone: () => this.sound.microphone.stream,
      onRoundTrip: ms => this.turns.note({ type: 'page.round_trip', ms }),
      onNewSession: reason => this.beginAgain(reason),
      onStay: (route, reason) => this.stayed(route, reason),
      onNoPath: (route, reason) => this.evade(route, reason),
      onFailure: failure => this.failed(failure),
    });
    this.turns = new TurnTaking(settings, {
      send: event => {
        const isSent = this.line.send(event);
        if (isSent) this.handlers.onLog('sent', event);
        return isSent;
      },
      sendAudio: frame => this.sound.sendFrame(frame),
      speaker: () => this.audio.speaker,
      track: () => this.audio.track,
      reportsPlayout: () => this.line.extended,
      onChange: () => this.handlers.onChange(),
    });
    /** @type {CallSound} */
    this.sound = new CallSound({
      line: this.line, turns: this.turns, notices: this.notices, settings, isLive: () => this.phase === 'live',
      onChange: () => this.handlers.onChange(), onLevel: (side, level, ms, isCarried) => this.handlers.onLevel(side, level, ms, isCarried),
    });
    this.allowance = new Allowance();
    this.unheardMs = 0;
    this.retells = false;
    this.ticks = 0;
    this.repeatsAt = Infinity;
    /** @type {{id: string, text: string}[]} typed while there was no connection */
    this.waitingTexts = [];
    this.timer = 0;
    // A start that waits for the browser or the user may be outdated when they answer.
    this.starts = 0;
  }

  get session() {
    return this.turns.session;
  }

  get audio() {
    return this.sound.audio;
  }

  get withMicrophone() {
    return this.sound.microphone.isUsed;
  }

  get muted() {
    return this.turns.muted;
  }

  /** @returns {CallState} */
  get state() {
    if (this.phase === 'waiting') return 'reconnecting';
    if (this.phase !== 'live') return this.phase;
    switch (this.turns.turn) {
      case 'user': return 'hearing';
      case 'agent': return 'speaking';
      case 'thinking': return 'thinking';
    }
    if (!this.withMicrophone || this.turns.isPushToTalk) return 'ready';
    return this.muted ? 'muted' : 'listening';
  }

  get isActive() {
    return this.phase !== 'idle';
  }

  /**
   * @param {{microphone?: boolean, context?: AudioContext | null, kept?: import('./kept-call.js').KeptCall | null}} [options]
   * `context` was made within the gesture, the call closes it; `kept` is the call that a reload of the page interrupted
   */
  async start({ microphone = true, context = null, kept = null } = {}) {
    if (this.isActive) return void context?.close();
    const start = ++this.starts;
    this.notices.clear();
    this.turns.muted = kept?.muted ?? false;
    if (kept) this.turns.restore(kept.conversation);
    this.setPhase(microphone ? 'permission' : 'connecting');
    try {
      await this.sound.open(microphone, context);
    } catch (error) {
      if (start !== this.starts) return;
      this.notices.set(microphoneNotice(error), String(/** @type {any} */ (error)?.message ?? error));
      this.setPhase('idle');
      return this.giveBack();
    }
    // The user may have hung up while the browser was asking, and have begun another call.
    if (start !== this.starts) return;
    if (!kept) {
      if (this.session.turns.some(t => !t.waits)) this.turns.row('divider', 'New conversation');
      this.turns.reset();
    }
    this.unheardMs = kept?.conversation.unheardMs ?? 0;
    this.allowance.reset();
    this.retells = false;
    this.repeatsAt = Infinity;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.setPhase('connecting');
    this.line.open(this.route(this.settings.transport), kept && { resume: kept.resume, graceMs: kept.until - Date.now(), seen: kept.seen ?? [] });
  }

  stop() {
    if (!this.isActive) return;
    if (this.phase === 'live') this.sound.cue('stopped');
    this.notices.clear();
    this.end();
  }

  /** What lets the page come back to this call after a reload; null when there is no way. @returns {import('./kept-call.js').KeptCall | null} */
  keep() {
    const { resume, graceMs, repeats } = this.line;
    if (!resume || this.phase === 'idle') return null;
    return { resume, until: Date.now() + Math.min(graceMs, 600000), microphone: this.withMicrophone, muted: this.muted, seen: repeats.ids, conversation: this.turns.keep() };
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.notices.clear('quiet', 'silent');
    if (muted) this.sound.uplink.fallSilent();
    this.turns.mute(muted);
    this.sound.uplink.update();
  }

  /** Push-to-talk: the turn begins. */
  press() {
    if (!this.sound.carriesMicrophone) return;
    this.notices.clear('short');
    this.turns.press();
    this.sound.uplink.update();
  }

  /** Push-to-talk: the turn is over and wants an answer. */
  release() {
    const wasTurn = this.turns.release();
    this.sound.uplink.update();
    if (wasTurn) return;
    this.notices.set('short');
    this.handlers.onChange();
  }

  /** A typed turn. Outside of a call it begins one, without the microphone. @param {string} text @param {AudioContext | null} [context] as for start; closed where none is begun */
  sendText(text, context = null) {
    if (this.phase !== 'live' || !this.turns.type(text)) this.waitingTexts.push({ id: this.turns.hold(text), text });
    if (!this.isActive) return void this.start({ microphone: false, context });
    void context?.close();
  }

  /** The agent stops speaking. */
  skip() {
    this.turns.skip();
  }

  /** @param {Partial<Settings>} changes */
  async changeSettings(changes) {
    Object.assign(this.settings, changes);
    const has = (/** @type {(keyof Settings)[]} */ ...keys) => keys.some(k => k in changes);
    if (!this.isActive) return;
    if (has('transport')) this.line.handOver(this.route(this.settings.transport));
    if (has('turns', 'eagerness', 'silenceMs', 'voice')) this.turns.sendSettings();
    await this.sound.changeSettings(changes);
    this.handlers.onChange();
  }

  /** The browser lets sound out only after a gesture. */
  async resumeAudio() {
    await this.sound.resume();
  }

  async devicesChanged() {
    if (this.isActive) await this.sound.microphone.devicesChanged(this.settings);
  }

  /** @private @param {string} id */
  route(id) {
    const transport = this.config.transports.find(t => t.id === id && t.available) ?? this.config.transports.find(t => t.available);
    return { transport: transport?.id ?? 'websocket', url: transport?.url ?? urlOf('v1/realtime').href, model: modelOf(this.config.engine, this.settings.model) };
  }

  /** @private @param {string} id */
  nameOf(id) {
    return this.config.transports.find(t => t.id === id)?.name ?? id;
  }

  /** @private @param {import('./line.js').LineState} state */
  lineChanged(state) {
    if (this.phase === 'idle') return;
    if (state.phase === 'waiting') this.notices.set(this.line.hasSession ? 'waiting' : 'delayed', state.reason);
    else if (state.phase === 'open') this.notices.clear('waiting', 'delayed');
    if (state.phase === 'open') this.connected();
    else if (state.phase === 'waiting') this.setPhase('waiting');
    else if (state.phase === 'connecting' && this.phase === 'live') this.setPhase('connecting');
    else this.handlers.onChange();
  }

  /** @private A connection serves: the first, one after a loss, or one over another transport. */
  connected() {
    this.turns.note({ type: 'page.transport', transport: this.line.servingRoute?.transport ?? '' });
    this.setPhase('live');
    this.sound.connected();
  }

  /** @private @param {RealtimeEvent} event @param {number} at */
  receive(event, at) {
    this.handlers.onLog('received', event);
    this.turns.receive(event, at);
    switch (event.type) {
      case 'session.created':
        this.turns.sendSettings();
        if (this.retells) this.turns.retell();
        this.retells = false;
        if (this.withMicrophone) this.sound.cue('listening');
        this.sendWaiting();
        break;
      case 'voicecarnival.session.resumed':
        this.resumed(event);
        break;
      case 'input_audio_buffer.speech_started':
        this.notices.clear('quiet', 'silent');
        break;
      case 'voicecarnival.session.expiring':
        this.expiring(this.allowance.expiring(event));
        break;
      case 'error':
        if (event.error?.code === 'session_expired') this.limitReached();
        break;
    }
  }

  /** @private What was typed while there was no connection. */
  sendWaiting() {
    const texts = this.waitingTexts.splice(0);
    const sent = texts.findIndex(({ id, text }) => !this.turns.type(text, id));
    if (sent >= 0) this.waitingTexts.unshift(...texts.slice(sent));
  }

  /** @private What was typed and will not be sent now. */
  giveBack() {
    const texts = this.waitingTexts.splice(0);
    for (const { id } of texts) this.turns.note({ type: 'page.unsent', item_id: id });
    if (texts.length) this.handlers.onUnsent?.(texts.map(t => t.text).join(' '));
  }

  /** @private @param {RealtimeEvent} event */
  resumed(event) {
    const lostMs = (event.dropped_audio_ms ?? 0) + this.unheardMs;
    this.unheardMs = 0;
    // The agent's own line broke behind the server; ours stood all the time.
    if (event.side === 'engine') return this.turns.row('notice', `The agent was away for a moment. ${lostWords(lostMs) || 'Nothing was lost.'}`);
    this.repeatsAt = performance.now() + TOLD_WITHIN_MS;
    this.turns.row('notice', `${this.line.wasSwitched ? `Now over ${this.nameOf(this.settings.transport)}` : 'Reconnected'}. ${lostWords(lostMs)}`.trimEnd());
    this.sendWaiting();
  }

  /** @private Whoever answers now has no memory of the conversation; the page keeps its captions. @param {'switched'|'lost'} reason */
  beginAgain(reason) {
    void this.audio.playback?.flush();
    this.retells = reason === 'switched' || this.line.route?.transport === 'webrtc-direct';
    this.turns.row('divider', this.retells ? 'The agent is reached another way now. It was told what was said so far, where there are words for it.'
      : 'The conversation was lost on the server. This is a new one.');
    this.turns.reset();
    this.unheardMs = 0;
    this.sound.quiet.reset(performance.now());
  }

  /** @private @param {import('./line.js').Route} route @param {string} reason */
  stayed(route, reason) {
    this.settings.transport = route.transport;
    this.notices.set('stayed', `The call goes on over ${this.nameOf(route.transport)}. ${reason}`);
    this.handlers.onChange();
  }

  /** @private A network that lets WebRTC not through lets a WebSocket. @param {import('./line.js').Route} route @param {string} reason */
  evade({ transport }, reason) {
    const other = this.route('websocket');
    if (other.transport === transport) return null;
    this.stayed(other, reason);
    return other;
  }

  /** @private */
  tick() {
    this.turns.reportNowAndThen();
    this.sound.keepSilent(TICK_MS);
    if (this.phase === 'live' && performance.now() >= this.repeatsAt) {
      this.repeatsAt = Infinity;
      this.turns.repeatLost();
    }
    this.sound.checkQuiet(this.state === 'listening');
    const secondsLeft = this.phase === 'live' ? this.allowance.secondsLeft(this.session.expiresAt) : null;
    if (secondsLeft !== null) this.notices.set('expiring', String(secondsLeft));
    if (++this.ticks % MEASURE_EACH_TICKS === 0) void this.sound.measure();
    this.handlers.onChange();
  }

  /** @private A limit of money is near; one of time shows by the clock. @param {string | null} moneyLeft */
  expiring(moneyLeft) {
    if (moneyLeft !== null) this.notices.set('spending', moneyLeft);
  }

  /** @private @param {{code: string, message: string}} failure */
  failed({ code, message }) {
    const wasUp = this.line.hasSession;
    const last = this.session.turns.at(-1);
    this.end();
    this.notices.clear('waiting', 'delayed', 'expiring', 'spending');
    if (code === 'unauthorized' || code === 'unreachable') this.notices.set(code, message);
    else if (code === 'later') this.notices.set(wasUp ? 'ended' : 'refused', message);
    // The reason of a close is a code; the error that came just before it has the words.
    else this.notices.set(wasUp ? 'ended' : 'refused', wasUp && last?.kind === 'error' ? last.text : message);
    this.handlers.onChange();
  }

  /** @private */
  limitReached() {
    this.end();
    this.notices.clear('expiring', 'spending');
    this.notices.set('limit', String(this.config.limits?.max_session_minutes ?? ''));
  }

  /** @private */
  end() {
    this.starts++;
    clearInterval(this.timer);
    this.line.close();
    this.turns.holding = false;
    this.turns.note({ type: 'page.disconnected' });
    this.setPhase('idle');
    this.giveBack();
    this.sound.leave(() => this.isActive);
  }

  /** @private @param {Call['phase']} phase */
  setPhase(phase) {
    this.phase = phase;
    this.handlers.onChange();
  }
}

/** @param {number} ms */
const lostWords = ms => (ms >= 50 ? `${(ms / 1000).toFixed(1)} s of sound were lost.` : '');

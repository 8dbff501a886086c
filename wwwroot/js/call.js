import { CallAudio } from './audio/call-audio.js';
import { playCue } from './audio/cue.js';
import { floatToPcm16, peak } from './audio/pcm.js';
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
 * @property {(side: 'user'|'agent', level: number, isCarried: boolean) => void} onLevel real peaks, 0..1, each 20 ms of the user, each 40 ms of
 *   the agent; what the user says is carried when it goes to the agent
 */

const TICK_MS = 250;
const QUIET_AFTER_MS = 20000;
const EXPIRY_WARNING_MS = 60000;

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
    this.withMicrophone = true;
    this.line = new Line({
      onState: state => this.lineChanged(state),
      onEvent: (event, at) => this.receive(event, at),
      onAudio: audio => this.turns.receiveAudio(audio),
      microphone: () => this.audio.capture?.stream ?? null,
      onRoundTrip: ms => this.turns.note({ type: 'page.round_trip', ms }),
      onNewSession: () => this.beginAgain(),
      onStay: (route, reason) => this.stayed(route, reason),
      onFailure: failure => this.failed(failure),
    });
    this.turns = new TurnTaking(settings, {
      send: event => this.line.send(event) && this.handlers.onLog('sent', event),
      sendAudio: frame => this.sendAudio(frame),
      speaker: () => this.audio.playback,
      reportsPlayout: () => this.line.extended,
      onChange: () => this.handlers.onChange(),
    });
    this.audio = new CallAudio({
      onFrame: pcm => this.captured(pcm),
      onMicrophoneEnded: () => void this.unplugged(),
      onContextState: () => this.checkSuspended(),
      onStarted: (itemId, at) => this.turns.note({ type: 'page.heard', item_id: itemId, heard_at: at }),
      onFinished: account => this.turns.finished(account),
      onRendered: samples => this.handlers.onLevel('agent', peak(floatToPcm16(samples)), true),
    });
    this.quietSince = 0;
    this.loudest = 0;
    this.unheardMs = 0;
    this.endsAt = Infinity; // ms since 1970, when the server has told of a limit
    /** @type {string[]} typed before the call was up */
    this.waitingTexts = [];
    this.timer = 0;
  }

  get session() {
    return this.turns.session;
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
    this.notices.clear();
    this.withMicrophone = microphone;
    this.turns.muted = kept?.muted ?? false;
    if (kept) this.turns.restore(kept.conversation);
    this.setPhase('permission');
    try {
      await this.audio.close();
      await this.audio.open(this.settings, microphone, context);
    } catch (error) {
      await this.audio.close();
      this.notices.set(microphoneNotice(error), String(/** @type {any} */ (error)?.message ?? error));
      return this.setPhase('idle');
    }
    // The user may have hung up while the browser was asking.
    if (this.phase !== 'permission') return void this.audio.close();
    setTimeout(() => this.checkSuspended(), 400);
    if (!kept) {
      if (this.session.turns.length) this.turns.row('divider', 'New conversation');
      this.turns.reset();
    }
    this.unheardMs = kept?.conversation.unheardMs ?? 0;
    this.endsAt = Infinity;
    this.resetQuiet(performance.now());
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.setPhase('connecting');
    this.line.open(this.route(this.settings.transport), kept && { resume: kept.resume, graceMs: kept.until - Date.now() });
  }

  stop() {
    if (!this.isActive) return;
    if (this.phase === 'live' && this.settings.cues && this.audio.context) playCue(this.audio.context, 'stopped');
    this.notices.clear();
    this.end();
  }

  /** What lets the page come back to this call after a reload; null when there is no way. @returns {import('./kept-call.js').KeptCall | null} */
  keep() {
    const { resume, graceMs } = this.line;
    if (!resume || this.phase === 'idle') return null;
    return { resume, until: Date.now() + Math.min(graceMs, 600000), microphone: this.withMicrophone, muted: this.muted, conversation: this.turns.keep() };
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.notices.clear('quiet', 'silent');
    if (muted && this.carriesMicrophone) this.turns.fallSilent();
    this.turns.mute(muted);
  }

  /** Push-to-talk: the turn begins. */
  press() {
    if (!this.carriesMicrophone) return;
    this.notices.clear('short');
    this.turns.press();
  }

  /** Push-to-talk: the turn is over and wants an answer. */
  release() {
    if (this.turns.release()) return;
    this.notices.set('short');
    this.handlers.onChange();
  }

  /** A typed turn. Outside of a call it begins one, without the microphone. @param {string} text @param {AudioContext | null} [context] as for start */
  sendText(text, context = null) {
    if (this.phase === 'live') return this.turns.type(text);
    this.waitingTexts.push(text);
    if (!this.isActive) void this.start({ microphone: false, context });
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
    if (has('speaker')) await this.audio.changeSpeaker(this.settings.speaker).catch(() => {});
    if (has('microphone', 'echoCancellation', 'noiseSuppression', 'autoGainControl') && this.withMicrophone) {
      await this.audio.changeMicrophone(this.settings).catch(error => this.notices.set(microphoneNotice(error)));
    }
    this.handlers.onChange();
  }

  /** The browser lets sound out only after a gesture. */
  async resumeAudio() {
    await this.audio.context?.resume().catch(() => {});
    this.checkSuspended();
  }

  /** The devices have changed. A call that lost its last microphone takes the one that was plugged in. */
  async devicesChanged() {
    if (!this.isActive || this.withMicrophone || !this.notices.standing.has('unplugged')) return;
    await this.takeMicrophone(this.settings);
  }

  /** @private Whether what the microphone hears can go to the agent. */
  get carriesMicrophone() {
    return this.phase === 'live' && this.withMicrophone;
  }

  /** @private @param {string} id */
  route(id) {
    const transport = this.config.transports.find(t => t.id === id && t.available) ?? this.config.transports.find(t => t.available);
    return { transport: transport?.id ?? 'websocket', url: transport?.url ?? '/v1/realtime', model: this.config.engine.model };
  }

  /** @private @param {import('./line.js').LineState} state */
  lineChanged(state) {
    if (this.phase === 'idle') return;
    if (state.phase === 'waiting') this.notices.set(this.line.hasSession ? 'waiting' : 'delayed', state.reason);
    else if (state.phase === 'open') this.notices.clear('waiting', 'delayed');
    if (state.phase === 'open') this.setPhase('live');
    else if (state.phase === 'waiting') this.setPhase('waiting');
    else if (state.phase === 'connecting' && this.phase === 'live') this.setPhase('connecting');
    else this.handlers.onChange();
  }

  /** @private @param {RealtimeEvent} event @param {number} at */
  receive(event, at) {
    this.handlers.onLog('received', event);
    this.turns.receive(event, at);
    switch (event.type) {
      case 'session.created':
        this.turns.sendSettings();
        if (this.settings.cues && this.audio.context && this.withMicrophone) playCue(this.audio.context, 'listening');
        this.sendWaiting();
        break;
      case 'voicecarnival.session.resumed':
        this.resumed(event);
        break;
      case 'input_audio_buffer.speech_started':
        this.notices.clear('quiet', 'silent');
        break;
      case 'voicecarnival.session.expiring':
        this.expiring(event);
        break;
      case 'error':
        if (event.error?.code === 'session_expired') this.limitReached();
        break;
    }
  }

  /** @private What was typed while there was no connection. */
  sendWaiting() {
    for (const text of this.waitingTexts.splice(0)) this.sendText(text);
  }

  /** @private @param {RealtimeEvent} event */
  resumed(event) {
    const lost = lostWords((event.dropped_audio_ms ?? 0) + this.unheardMs);
    this.unheardMs = 0;
    // The agent's own line broke behind the server; ours stood all the time.
    if (event.side === 'engine') return this.turns.row('notice', `The agent was away for a moment. ${lost}`);
    this.turns.row('notice', `Reconnected. ${lost}`);
    this.sendWaiting();
  }

  /** @private @param {Int16Array} pcm */
  captured(pcm) {
    const level = peak(pcm);
    const isCarried = this.carriesMicrophone && this.turns.isOpen;
    this.loudest = Math.max(this.loudest, level);
    this.handlers.onLevel('user', level, isCarried);
    if (isCarried) this.turns.sendFrame(pcm);
  }

  /** @private @param {Int16Array} frame */
  sendAudio(frame) {
    const isSent = this.line.sendAudio(frame);
    if (isSent) this.notices.clear('slow');
    else if (this.line.state.phase === 'open') this.notices.set('slow');
    return isSent;
  }

  /** @private The server has no memory of the conversation any more; the page keeps its captions. */
  beginAgain() {
    void this.audio.playback?.flush();
    this.turns.row('divider', 'The conversation was lost on the server. This is a new one.');
    this.turns.reset();
    this.unheardMs = 0;
    this.resetQuiet(performance.now());
  }

  /** @private @param {import('./line.js').Route} route @param {string} reason */
  stayed(route, reason) {
    this.settings.transport = route.transport;
    const name = this.config.transports.find(t => t.id === route.transport)?.name ?? route.transport;
    this.notices.set('stayed', `The call goes on over ${name}. ${reason}`);
    this.handlers.onChange();
  }

  /** @private */
  async unplugged() {
    if (this.carriesMicrophone) this.turns.fallSilent();
    this.turns.release();
    this.notices.set('unplugged', 'lost');
    this.handlers.onChange();
    await this.takeMicrophone({ ...this.settings, microphone: '' });
  }

  /** @private @param {Settings} settings */
  async takeMicrophone(settings) {
    try {
      await this.audio.changeMicrophone(settings);
      this.withMicrophone = true;
      this.notices.set('unplugged', this.audio.microphoneLabel || 'the default microphone');
    } catch {
      this.withMicrophone = false;
      this.notices.set('unplugged', '');
    }
    this.handlers.onChange();
  }

  /** @private */
  checkSuspended() {
    const isStopped = !!this.audio.context && this.audio.context.state !== 'running';
    if (isStopped) this.notices.set('suspended');
    else this.notices.clear('suspended');
    this.handlers.onChange();
  }

  /** @private */
  tick() {
    const now = performance.now();
    this.turns.reportNowAndThen();
    this.checkQuiet(now);
    const endsAt = Math.min(this.endsAt, 1000 * (this.session.expiresAt ?? Infinity));
    const leftMs = this.phase === 'live' ? endsAt - Date.now() : Infinity;
    if (leftMs < EXPIRY_WARNING_MS) this.notices.set('expiring', String(Math.max(0, Math.ceil(leftMs / 1000))));
    this.handlers.onChange();
  }

  /** @private @param {number} now */
  resetQuiet(now) {
    this.quietSince = now;
    this.loudest = 0;
  }

  /** @private @param {number} now */
  checkQuiet(now) {
    if (this.state !== 'listening') this.resetQuiet(now);
    if (now - this.quietSince < QUIET_AFTER_MS) return;
    this.notices.set(this.loudest < 0.003 ? 'silent' : 'quiet', this.audio.microphoneLabel);
    this.resetQuiet(now);
  }

  /** @private A limit of time or money is near. @param {RealtimeEvent} event */
  expiring({ seconds_left: secondsLeft, usd_left: usdLeft }) {
    if (typeof secondsLeft === 'number') this.endsAt = Date.now() + 1000 * secondsLeft;
    else this.notices.set('spending', typeof usdLeft === 'number' ? `$${usdLeft.toFixed(2)}` : '');
  }

  /** @private @param {{code: string, message: string}} failure */
  failed({ code, message }) {
    const wasUp = this.line.hasSession;
    const last = this.session.turns.at(-1);
    this.end();
    this.notices.clear('waiting', 'delayed', 'expiring', 'spending');
    if (code === 'unauthorized' || code === 'unreachable') this.notices.set(code, message);
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
    clearInterval(this.timer);
    this.line.close();
    this.turns.holding = false;
    this.waitingTexts = [];
    this.turns.note({ type: 'page.disconnected' });
    this.setPhase('idle');
    // The cue may still sound.
    const { audio } = this;
    audio.capture?.stop();
    void audio.playback?.flush();
    const context = audio.context;
    setTimeout(() => audio.context === context && !this.isActive && void audio.close(), 400);
  }

  /** @private @param {Call['phase']} phase */
  setPhase(phase) {
    this.phase = phase;
    this.handlers.onChange();
  }
}

/** @param {number} ms */
const lostWords = ms => (ms >= 50 ? `${(ms / 1000).toFixed(1)} s of sound were lost.` : 'Nothing was lost.');

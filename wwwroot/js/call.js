import { CallAudio } from './audio/call-audio.js';
import { playCue } from './audio/cue.js';
import { PeakHistory } from './audio/history.js';
import { FRAME_SAMPLES, SAMPLES_PER_MS, floatToPcm16, peak } from './audio/pcm.js';
import * as events from './events.js';
import { Line } from './line.js';
import { Notices, microphoneNotice } from './notices.js';
import { newSession, reduce } from './session.js';
import { sessionFields } from './settings.js';

/**
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./api.js').Config} Config
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {'idle'|'permission'|'connecting'|'listening'|'ready'|'hearing'|'thinking'|'speaking'|'muted'|'reconnecting'} CallState
 *
 * @typedef {object} CallHandlers
 * @property {() => void} onChange something that the page shows has changed
 * @property {(direction: 'sent'|'received', event: RealtimeEvent) => void} onLog
 * @property {(side: 'user'|'agent', level: number) => void} onLevel real peaks, 0..1: each 20 ms of the user, each 40 ms of the agent
 */

const TICK_MS = 250;
const PLAYOUT_REPORT_MS = 500;
const MUTE_SILENCE_FRAMES = 30; // 600 ms: a turn that runs when the microphone is muted comes to its end
const MIN_HOLD_MS = 150;
const QUIET_AFTER_MS = 20000;
const ANSWER_EXPECTED_MS = 10000;
const EXPIRY_WARNING_MS = 60000;

/** A call: the conversation and its sound. It outlives the connections that carry it. */
export class Call {
  /** @param {Config} config @param {Settings} settings @param {CallHandlers} handlers */
  constructor(config, settings, handlers) {
    this.config = config;
    this.settings = settings;
    this.handlers = handlers;
    this.session = newSession();
    this.notices = new Notices();
    /** @type {'idle'|'permission'|'connecting'|'live'|'waiting'} */
    this.phase = 'idle';
    this.withMicrophone = true;
    this.muted = false;
    this.holding = false;
    this.line = new Line({
      onState: state => this.lineChanged(state),
      onEvent: (event, at) => this.receive(event, at),
      onAudio: audio => this.receiveAudio(audio),
      onRoundTrip: ms => this.note({ type: 'page.round_trip', ms }),
      onNewSession: () => this.beginAgain(),
      onFailure: failure => this.failed(failure),
    });
    this.audio = new CallAudio({
      onFrame: pcm => this.captured(pcm),
      onMicrophoneEnded: () => void this.unplugged(),
      onContextState: () => this.checkSuspended(),
      onStarted: (itemId, at) => this.note({ type: 'page.heard', item_id: itemId, heard_at: at }),
      onFinished: account => this.finished(account),
      onRendered: samples => this.handlers.onLevel('agent', peak(floatToPcm16(samples))),
    });
    this.exchange = newExchange();
    this.quietSince = 0;
    this.loudest = 0;
    /** @type {string[]} typed before the call was up */
    this.waitingTexts = [];
    this.timer = 0;
    this.lastReport = 0;
  }

  /** @returns {CallState} */
  get state() {
    if (this.phase === 'waiting') return 'reconnecting';
    if (this.phase !== 'live') return this.phase;
    if (this.session.userSpeaking || this.holding) return 'hearing';
    if (this.audio.playback?.isAudible) return 'speaking';
    if (this.session.activeResponse || this.awaitsAnswer) return 'thinking';
    if (!this.withMicrophone || this.settings.turns === 'push_to_talk') return 'ready';
    return this.muted ? 'muted' : 'listening';
  }

  /** Not for ever: an engine need not answer every turn. */
  get awaitsAnswer() {
    return !!this.session.turnEnd && performance.now() - this.session.turnEnd.at < ANSWER_EXPECTED_MS;
  }

  get isActive() {
    return this.phase !== 'idle';
  }

  /** @param {{microphone?: boolean, context?: AudioContext | null}} [options] `context` was made within the gesture; the call closes it */
  async start({ microphone = true, context = null } = {}) {
    if (this.isActive) return void context?.close();
    this.notices.clear();
    this.withMicrophone = microphone;
    this.muted = false;
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
    if (this.session.turns.length) this.divide('New conversation');
    this.resetConversation();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.setPhase('connecting');
    this.line.open(this.route(this.settings.transport));
  }

  stop() {
    if (!this.isActive) return;
    if (this.phase === 'live' && this.settings.cues && this.audio.context) playCue(this.audio.context, 'stopped');
    this.notices.clear();
    this.end();
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    if (muted && !this.muted && this.sendsAudio && this.settings.turns !== 'push_to_talk') {
      for (let i = 0; i < MUTE_SILENCE_FRAMES; i++) this.sendAudio(new Int16Array(FRAME_SAMPLES));
    }
    this.muted = muted;
    this.notices.clear('quiet', 'silent');
    this.handlers.onChange();
  }

  /** Push-to-talk: the turn begins. */
  press() {
    if (this.phase !== 'live' || !this.withMicrophone || this.holding) return;
    this.skip();
    this.send(events.audioClear());
    this.holding = true;
    this.exchange.holdStart = this.exchange.sent.ms;
    this.notices.clear('short');
    this.handlers.onChange();
  }

  /** Push-to-talk: the turn is over and wants an answer. */
  release() {
    if (!this.holding) return;
    this.holding = false;
    if (this.exchange.sent.ms - this.exchange.holdStart < MIN_HOLD_MS) {
      this.send(events.audioClear());
      this.notices.set('short');
    } else {
      this.exchange.held = { from: this.exchange.holdStart, to: this.exchange.sent.ms };
      this.send(events.audioCommit());
      this.note({ type: 'page.released' });
      this.requestResponse();
    }
    this.handlers.onChange();
  }

  /** A typed turn. Outside of a call it begins one, without the microphone. @param {string} text @param {AudioContext | null} [context] as for start */
  sendText(text, context = null) {
    if (this.phase !== 'live') {
      this.waitingTexts.push(text);
      if (!this.isActive) void this.start({ microphone: false, context });
      return;
    }
    this.skip();
    const id = `item_${randomId()}`;
    this.note({ type: 'page.typed', item_id: id, text });
    this.send(events.createUserText(id, text));
    this.requestResponse();
  }

  /** The agent stops speaking. */
  skip() {
    void this.interrupt();
    const { activeResponse } = this.session;
    if (!activeResponse || this.exchange.cancelled === activeResponse) return;
    this.exchange.cancelled = activeResponse;
    this.send(events.cancelResponse());
  }

  /** @param {Partial<Settings>} changes */
  async changeSettings(changes) {
    Object.assign(this.settings, changes);
    const has = (/** @type {(keyof Settings)[]} */ ...keys) => keys.some(k => k in changes);
    if (!this.isActive) return;
    if (has('transport')) this.line.handOver(this.route(this.settings.transport));
    if (has('turns', 'eagerness', 'silenceMs', 'voice')) this.sendSettings();
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

  /** @private @param {string} id */
  route(id) {
    const transport = this.config.transports.find(t => t.id === id && t.available) ?? this.config.transports.find(t => t.available);
    return { transport: transport?.id ?? 'websocket', url: transport?.url ?? '/v1/realtime', model: this.config.engine.model };
  }

  /** @private */
  resetConversation() {
    this.exchange = newExchange();
    this.holding = false;
    this.quietSince = performance.now();
    this.loudest = 0;
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
    // The refusal of an attempt to connect is the line's matter, not the conversation's.
    if (event.type === 'error' && !this.line.isProven) return;
    // 1. What is heard must stop first of all.
    if (event.type === 'input_audio_buffer.speech_started') void this.interrupt(at);
    // 2. The state.
    this.session = reduce(this.session, event, at);
    // 3. What the page does about it.
    this.act(event);
    this.handlers.onChange();
  }

  /** @private @param {RealtimeEvent} event */
  act(event) {
    switch (event.type) {
      case 'session.created':
        this.sendSettings();
        if (this.settings.cues && this.audio.context && this.withMicrophone) playCue(this.audio.context, 'listening');
        this.sendWaiting();
        break;
      case 'voicecarnival.session.resumed':
        this.resumed(event.dropped_audio_ms ?? 0);
        this.sendWaiting();
        break;
      case 'input_audio_buffer.speech_started':
        this.notices.clear('quiet', 'silent');
        break;
      case 'input_audio_buffer.speech_stopped':
        this.picture(event.item_id, this.session.audioStartMs, event.audio_end_ms);
        break;
      case 'input_audio_buffer.committed':
        if (this.exchange.held) this.picture(event.item_id, this.exchange.held.from, this.exchange.held.to, this.exchange.held.to - this.exchange.held.from);
        this.exchange.held = null;
        break;
      case 'response.output_audio.done':
        this.audio.playback?.end(event.item_id);
        break;
      case 'response.done':
        for (const turn of this.session.turns) if (turn.responseId === event.response?.id) this.audio.playback?.end(turn.id);
        if (this.exchange.wantsResponse) this.requestResponse();
        break;
      case 'error':
        if (event.error?.code === 'conversation_already_has_active_response') this.exchange.wantsResponse = true;
        if (event.error?.code === 'session_expired') this.limitReached();
        break;
    }
  }

  /** @private What was typed while there was no connection. */
  sendWaiting() {
    for (const text of this.waitingTexts.splice(0)) this.sendText(text);
  }

  /** @private @param {import('./transports/websocket.js').ItemAudio} audio */
  receiveAudio({ itemId, responseId, contentIndex, sampleOffset, samples }) {
    const peaks = this.exchange.itemPeaks.get(itemId) ?? new PeakHistory();
    this.exchange.itemPeaks.set(itemId, peaks);
    peaks.add(samples);
    const ms = (sampleOffset + samples.length) / SAMPLES_PER_MS;
    this.exchange.hasSpoken = true;
    this.note({ type: 'page.received', item_id: itemId, response_id: responseId, ms, peaks: peaks.picture(0, ms) });
    this.audio.playback?.play(itemId, contentIndex, sampleOffset, samples);
  }

  /**
   * @private Stops what is being said. With `bargeInAt`, the time to silence is measured.
   * @param {number} [bargeInAt]
   */
  async interrupt(bargeInAt) {
    const playback = this.audio.playback;
    if (!playback?.isAudible) return;
    const { accounts, silentAt } = await playback.flush();
    for (const account of accounts) {
      const heardMs = Math.floor(playback.heardMs(account));
      const receivedMs = account.received / SAMPLES_PER_MS;
      this.exchange.itemPeaks.delete(account.item);
      this.reportPlayout(account.item, account.contentIndex, heardMs);
      if (heardMs >= Math.floor(receivedMs)) continue;
      this.note({ type: 'page.cut', item_id: account.item, heard_ms: heardMs, received_ms: receivedMs });
      this.send(events.truncateItem(account.item, account.contentIndex, heardMs));
    }
    if (bargeInAt !== undefined) this.note({ type: 'page.silenced', item_id: accounts[0]?.item ?? '', ms: Math.max(0, silentAt - bargeInAt) });
  }

  /** @private One response at a time: a running one is cancelled, and its end brings the next. */
  requestResponse() {
    this.exchange.wantsResponse = !!this.session.activeResponse;
    if (this.exchange.wantsResponse) this.skip();
    else this.send(events.createResponse());
  }

  /** @private @param {import('./audio/ring-buffer.js').ItemAccount} account */
  finished(account) {
    this.reportPlayout(account.item, account.contentIndex, account.rendered / SAMPLES_PER_MS);
    this.note({ type: 'page.finished', item_id: account.item });
    this.exchange.itemPeaks.delete(account.item);
  }

  /** @private @param {string} itemId @param {number} contentIndex @param {number} ms */
  reportPlayout(itemId, contentIndex, ms) {
    if (this.line.extended) this.send(events.playoutReport(itemId, contentIndex, ms));
  }

  /** @private @param {Int16Array} pcm */
  captured(pcm) {
    const level = peak(pcm);
    this.loudest = Math.max(this.loudest, level);
    this.handlers.onLevel('user', this.muted && !this.holding ? 0 : level);
    if (this.sendsAudio) this.sendAudio(pcm);
  }

  get sendsAudio() {
    return this.phase === 'live' && this.withMicrophone && (this.settings.turns === 'push_to_talk' ? this.holding : !this.muted);
  }

  /** @private @param {Int16Array} frame */
  sendAudio(frame) {
    if (this.line.sendAudio(frame)) {
      this.exchange.sent.add(frame);
      this.notices.clear('slow');
    } else if (this.line.state.phase === 'open') {
      this.notices.set('slow');
    }
  }

  /** @private */
  sendSettings() {
    this.send(events.sessionUpdate(sessionFields(this.settings, !this.exchange.hasSpoken)));
  }

  /** @private @param {RealtimeEvent} event */
  send(event) {
    if (this.line.send(event)) this.handlers.onLog('sent', event);
  }

  /** @private @param {RealtimeEvent} event */
  note(event) {
    this.session = reduce(this.session, event, performance.now());
    this.handlers.onChange();
  }

  /** @private @param {string} itemId @param {number} fromMs @param {number} toMs @param {number} [ms] */
  picture(itemId, fromMs, toMs, ms) {
    this.note({ type: 'page.spoken', item_id: itemId, ms, peaks: this.exchange.sent.picture(fromMs, toMs) });
  }

  /** @private @param {number} droppedMs */
  resumed(droppedMs) {
    const text = droppedMs > 0 ? `Reconnected. ${(droppedMs / 1000).toFixed(1)} s of sound were lost.` : 'Reconnected. Nothing was lost.';
    this.note({ type: 'page.row', kind: 'notice', text });
  }

  /** @private The server has no memory of the conversation any more; the page keeps its captions. */
  beginAgain() {
    void this.audio.playback?.flush();
    this.divide('The conversation was lost. New conversation');
    this.resetConversation();
  }

  /** @private @param {string} text */
  divide(text) {
    this.note({ type: 'page.disconnected' });
    this.note({ type: 'page.row', kind: 'divider', text });
  }

  /** @private */
  async unplugged() {
    this.notices.set('unplugged', 'lost');
    this.handlers.onChange();
    try {
      await this.audio.changeMicrophone({ ...this.settings, microphone: '' });
      this.notices.set('unplugged', this.audio.microphoneLabel || 'the default microphone');
    } catch {
      this.notices.set('unplugged', '');
      this.withMicrophone = false;
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
    const { playback } = this.audio;
    if (playback?.state.playing && playback.current && now - this.lastReport >= PLAYOUT_REPORT_MS) {
      this.lastReport = now;
      this.reportPlayout(playback.current.item, playback.current.contentIndex, playback.heardMs(playback.current));
    }
    this.checkQuiet(now);
    const leftMs = this.session.expiresAt && this.phase === 'live' ? 1000 * this.session.expiresAt - Date.now() : Infinity;
    if (leftMs < EXPIRY_WARNING_MS) this.notices.set('expiring', String(Math.max(0, Math.ceil(leftMs / 1000))));
    this.handlers.onChange();
  }

  /** @private @param {number} now */
  checkQuiet(now) {
    if (this.state !== 'listening') {
      this.quietSince = now;
      this.loudest = 0;
    }
    if (now - this.quietSince < QUIET_AFTER_MS) return;
    this.notices.set(this.loudest < 0.003 ? 'silent' : 'quiet', this.audio.microphoneLabel);
    this.loudest = 0;
    this.quietSince = now;
  }

  /** @private @param {{code: string, message: string}} failure */
  failed({ code, message }) {
    this.end();
    this.notices.clear('waiting', 'delayed');
    this.notices.set(code === 'unauthorized' ? 'unauthorized' : code === 'unreachable' ? 'unreachable' : 'refused', message);
    this.handlers.onChange();
  }

  /** @private */
  limitReached() {
    this.end();
    this.notices.set('limit', String(this.config.limits?.max_session_minutes ?? ''));
  }

  /** @private */
  end() {
    clearInterval(this.timer);
    this.line.close();
    this.holding = false;
    this.waitingTexts = [];
    this.session = reduce(this.session, { type: 'page.disconnected' }, performance.now());
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

/** Item ids may have 32 characters. */
const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(10)), b => b.toString(16).padStart(2, '0')).join('');

/** What belongs to one session on the server. */
const newExchange = () => ({
  sent: new PeakHistory(), // counts like the server's input buffer, whose times the speech events carry
  itemPeaks: /** @type {Map<string, PeakHistory>} */ (new Map()),
  holdStart: 0,
  held: /** @type {{from: number, to: number} | null} */ (null),
  wantsResponse: false,
  cancelled: '',
  hasSpoken: false,
});

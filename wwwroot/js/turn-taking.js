import { PeakHistory } from './audio/history.js';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from './audio/pcm.js';
import * as events from './events.js';
import { findTurn, newSession, reduce } from './session.js';
import { sessionFields, withoutFields } from './settings.js';

/**
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./audio/ring-buffer.js').ItemAccount} ItemAccount
 *
 * @typedef {object} Speaker what plays the agent: audio/playback.js frames, audio/track-playback.js a track
 * @property {boolean} isTrack the server holds what is still to be heard, and truncates by itself
 * @property {boolean} isAudible
 * @property {{playing: boolean, bufferedMs: number}} state
 * @property {ItemAccount | null} current the item that is being heard
 * @property {(item: string, contentIndex: number, offset: number, samples: Int16Array) => void} play
 * @property {(item: string) => void} end nothing more of this item will come
 * @property {() => Promise<{accounts: ItemAccount[], silentAt: number}>} flush
 * @property {(account: ItemAccount) => number} heardMs
 * @property {(item: string, at: number) => void} [begin] of a track: the server has begun to send an item's sound
 * @property {() => void} [finish] of a track: all of the item was sent
 *
 * @typedef {object} TurnTakingOptions
 * @property {(event: RealtimeEvent) => boolean} send false when there is no line to send it over
 * @property {(frame: Int16Array) => boolean} sendAudio false when the line did not take it
 * @property {() => Speaker | null} speaker the one that is heard now
 * @property {() => Speaker | null} [track] the one that plays the line's track, if it has one
 * @property {() => boolean} reportsPlayout whether the server wants to know what was heard
 * @property {() => void} onChange
 * @property {() => number} [now] ms, the clock of the events
 *
 * @typedef {object} KeptConversation what a reload of the page must not lose
 * @property {string} id
 * @property {number | null} expiresAt
 * @property {any} settings
 * @property {import('./turn.js').Turn[]} turns
 * @property {string} activeResponse
 * @property {number} sentMs
 * @property {number} unheardMs sound of the agent that had come and was not heard
 */

const SILENCE_MS = 600;
const FRAME_MS = 20;
const MIN_HOLD_MS = 150;
const LOST_WITHIN_MS = 60000;
const ANSWER_EXPECTED_MS = 10000;
const PLAYOUT_REPORT_MS = 500;
const KEPT_TURNS = 200;
const RETOLD_TURNS = 40;
const MAX_REFUSED_FIELDS = 8;

/** Who speaks now: the conversation, and what is sent so that one side gives way to the other. Knows no DOM and no socket. */
export class TurnTaking {
  /** @param {import('./settings.js').Settings} settings @param {TurnTakingOptions} options */
  constructor(settings, options) {
    this.settings = settings;
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.session = newSession();
    this.muted = false;
    this.holding = false;
    this.exchange = newExchange();
    this.lastReport = -Infinity;
  }

  /** @returns {'user'|'agent'|'thinking'|'nobody'} whose turn it is */
  get turn() {
    if (this.session.userSpeaking || this.holding) return 'user';
    if (this.options.speaker()?.isAudible) return 'agent';
    return this.session.activeResponse || this.awaitsAnswer ? 'thinking' : 'nobody';
  }

  /** Not for ever: an engine need not answer every turn. @private */
  get awaitsAnswer() {
    return !!this.session.turnEnd && this.now() - this.session.turnEnd.at < ANSWER_EXPECTED_MS;
  }

  /** Whether the microphone goes to the agent now. */
  get isOpen() {
    return this.isPushToTalk ? this.holding : !this.muted;
  }

  get isPushToTalk() {
    return this.settings.turns === 'push_to_talk';
  }

  /** A new session on the server; the rows of the one before stay. */
  reset() {
    this.exchange = newExchange();
    this.holding = false;
  }

  sendSettings() {
    const fields = withoutFields(sessionFields(this.settings, !this.exchange.hasSpoken), this.exchange.refused);
    if (!Object.keys(fields).length) return;
    const update = events.sessionUpdate(fields);
    this.exchange.updates.add(update.event_id ?? '');
    this.options.send(update);
  }

  /** The server's operator keeps some fields to himself: without them, then. False when the error is about something else. @private @param {RealtimeEvent} event */
  isKeptByOperator({ type, error }) {
    const { updates, refused } = this.exchange;
    if (type !== 'error' || error?.code !== 'policy_violation' || !updates.delete(error.event_id)) return false;
    const path = /^session\.(.+)/.exec(error.param ?? '')?.[1] ?? '';
    if (!path || refused.has(path) || refused.size >= MAX_REFUSED_FIELDS) return false;
    refused.add(path);
    this.sendSettings();
    return true;
  }

  /** 20 ms from the microphone. @param {Int16Array} frame */
  sendFrame(frame) {
    if (this.options.sendAudio(frame)) this.exchange.sent.add(frame);
  }

  /** The microphone stops in the middle of things: a turn that runs comes to its end, as it would by falling silent. */
  fallSilent() {
    if (!this.isOpen || this.isPushToTalk) return;
    this.sendSilence(this.settings.turns === 'server_vad' ? Math.max(SILENCE_MS, this.settings.silenceMs + 200) : SILENCE_MS);
  }

  /** @param {number} ms */
  sendSilence(ms) {
    for (let sentMs = 0; sentMs < ms; sentMs += FRAME_MS) this.sendFrame(new Int16Array(FRAME_SAMPLES));
  }

  /** The server still hears a turn, though the microphone is closed: it waits for the silence after it. */
  get awaitsSilence() {
    return this.session.userSpeaking && !this.isOpen;
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this.options.onChange();
  }

  /** Push-to-talk: the turn begins. */
  press() {
    if (this.holding) return;
    this.skip();
    this.options.send(events.audioClear());
    this.holding = true;
    this.exchange.holdStart = this.exchange.sent.ms;
    this.options.onChange();
  }

  /** Push-to-talk: the turn is over and wants an answer. False when it was too short to be one. */
  release() {
    if (!this.holding) return true;
    this.holding = false;
    const held = { from: this.exchange.holdStart, to: this.exchange.sent.ms };
    const isTurn = held.to - held.from >= MIN_HOLD_MS;
    if (isTurn) {
      this.exchange.held = held;
      this.options.send(events.audioCommit());
      this.note({ type: 'page.released' });
      this.requestResponse();
    } else {
      this.options.send(events.audioClear());
    }
    this.options.onChange();
    return isTurn;
  }

  /** False when there is no line to send it over. @param {string} text @param {string} [id] of what was held */
  type(text, id = `item_${randomId()}`) {
    this.skip();
    if (!this.options.send(events.createText(id, 'user', text))) return false;
    this.note({ type: 'page.typed', item_id: id, text });
    this.requestResponse();
    return true;
  }

  /** After a line that broke: what was typed into it and never reached the server is said again. */
  repeatLost() {
    const since = this.now() - LOST_WITHIN_MS;
    for (const turn of this.session.turns) {
      if (turn.typed && !turn.known && !turn.waits && (turn.timeline[0]?.at ?? -Infinity) > since) this.type(turn.text, turn.id);
    }
  }

  /** Shows what will be sent once there is a line. @param {string} text @returns {string} its id */
  hold(text) {
    const id = `item_${randomId()}`;
    this.note({ type: 'page.typed', item_id: id, text, waits: true });
    return id;
  }

  /** The agent stops speaking. */
  skip() {
    const isHeldByServer = !!this.options.track?.()?.isAudible;
    void this.interrupt();
    const { activeResponse } = this.session;
    if (activeResponse && this.exchange.cancelled !== activeResponse) {
      if (this.options.send(events.cancelResponse())) this.exchange.cancelled = activeResponse;
    }
    if (isHeldByServer) this.options.send(events.outputClear());
  }

  /** @param {RealtimeEvent} event @param {number} at */
  receive(event, at) {
    if (this.isKeptByOperator(event)) return;
    // 1. What is heard must stop first of all.
    if (event.type === 'input_audio_buffer.speech_started') void this.interrupt(at);
    // 2. The state.
    this.session = reduce(this.session, event, at);
    // 3. What follows from it.
    const { held } = this.exchange;
    switch (event.type) {
      case 'input_audio_buffer.speech_stopped':
        this.picture(event.item_id, this.session.audioStartMs, event.audio_end_ms);
        break;
      case 'input_audio_buffer.committed':
        if (held) this.picture(event.item_id, held.from, held.to, held.to - held.from);
        this.exchange.held = null;
        break;
      case 'output_audio_buffer.started':
        this.options.track?.()?.begin?.(this.soundOf(event.response_id), at);
        break;
      case 'output_audio_buffer.stopped':
        this.options.track?.()?.finish?.();
        break;
      case 'output_audio_buffer.cleared':
        // Somebody else may have had it cleared; then it is no news that it is silent.
        if (this.options.track?.()?.current) void this.interrupt();
        break;
      case 'response.output_audio.done':
        this.options.speaker()?.end(event.item_id);
        break;
      case 'response.done':
        for (const turn of this.session.turns) if (turn.responseId === event.response?.id) this.options.speaker()?.end(turn.id);
        if (this.exchange.wantsResponse) this.requestResponse();
        break;
      case 'error':
        if (event.error?.code === 'conversation_already_has_active_response') this.exchange.wantsResponse = true;
        else if (event.error?.code === 'response_cancel_not_active' && this.exchange.wantsResponse) this.requestResponse();
        break;
    }
    this.options.onChange();
  }

  /** @param {import('./transports/transport.js').ItemAudio} audio */
  receiveAudio({ itemId, responseId, contentIndex, sampleOffset, samples }) {
    this.received(itemId, responseId, sampleOffset, samples, false);
    this.options.speaker()?.play(itemId, contentIndex, sampleOffset, samples);
  }

  /** What was heard of an item whose sound comes as a track. @param {string} itemId @param {number} sampleOffset @param {Int16Array} samples */
  heard(itemId, sampleOffset, samples) {
    if (!findTurn(this.session, itemId)) return;
    this.received(itemId, '', sampleOffset, samples, true);
  }

  /** Now and then the server hears what was played, so that it knows where to go on. */
  reportNowAndThen() {
    const speaker = this.options.speaker();
    if (!speaker?.state.playing || !speaker.current || speaker.isTrack || this.now() - this.lastReport < PLAYOUT_REPORT_MS) return;
    this.lastReport = this.now();
    this.report(speaker.current, speaker.heardMs(speaker.current));
  }

  /** An item was heard to its end. @param {ItemAccount} account */
  finished(account) {
    if (!this.options.speaker()?.isTrack) this.report(account, account.rendered / SAMPLES_PER_MS);
    this.note({ type: 'page.finished', item_id: account.item });
    this.exchange.itemPeaks.delete(account.item);
  }

  /** A new session is told what was said before, as far as there are words for it. */
  retell() {
    for (const turn of this.session.turns.filter(t => !t.waits).slice(-RETOLD_TURNS)) {
      const text = turn.kind === 'user' || turn.kind === 'assistant' ? turn.text.slice(0, turn.cutIndex ?? turn.text.length).trim() : '';
      if (text) this.options.send(events.createText(turn.id, /** @type {'user'|'assistant'} */ (turn.kind), text));
    }
  }

  /** Something that the page itself observed. @param {RealtimeEvent} event */
  note(event) {
    this.session = reduce(this.session, event, this.now());
    this.options.onChange();
  }

  /** @param {'notice'|'divider'} kind @param {string} text */
  row(kind, text) {
    if (kind === 'divider') this.note({ type: 'page.disconnected' });
    this.note({ type: 'page.row', kind, text });
  }

  /** @returns {KeptConversation} */
  keep() {
    const { id, expiresAt, settings, turns, activeResponse } = this.session;
    const speaker = this.options.speaker();
    return { id, expiresAt, settings, turns: turns.filter(t => !t.waits).slice(-KEPT_TURNS).map(t => onClock(t, this.sinceEpoch)), activeResponse, sentMs: this.exchange.sent.ms, unheardMs: Math.round(speaker?.state.bufferedMs ?? 0) };
  }

  /** @param {KeptConversation} kept */
  restore({ id, expiresAt, settings, turns, activeResponse, sentMs }) {
    this.session = { ...newSession(), id, expiresAt, settings, turns: turns.map(t => onClock(t, -this.sinceEpoch)), activeResponse };
    this.exchange = newExchange(sentMs);
    this.exchange.hasSpoken = turns.some(t => t.kind === 'assistant' && t.receivedMs > 0);
  }

  /** @private @param {string} itemId @param {string} responseId @param {number} sampleOffset @param {Int16Array} samples @param {boolean} paced */
  received(itemId, responseId, sampleOffset, samples, paced) {
    const ms = (sampleOffset + samples.length) / SAMPLES_PER_MS;
    const peaks = this.exchange.itemPeaks.get(itemId) ?? new PeakHistory(sampleOffset / SAMPLES_PER_MS);
    this.exchange.itemPeaks.set(itemId, peaks);
    // What is sent again after a line broke is in the picture already.
    peaks.add(samples.subarray(Math.min(samples.length, Math.max(0, peaks.samples - sampleOffset))));
    this.exchange.hasSpoken = true;
    // What came before a reload of the page is in no history: its picture stays.
    this.note({ type: 'page.received', item_id: itemId, response_id: responseId, ms, paced, peaks: peaks.dropped ? undefined : peaks.picture(0, ms) });
  }

  /** The item that a response says now; a response may have several. @private @param {string} responseId */
  soundOf(responseId) {
    const spoken = this.session.turns.filter(t => t.responseId === responseId && t.kind === 'assistant' && t.isSound);
    return (spoken.find(t => !t.timeline.some(m => m.name === 'first audio heard')) ?? spoken.at(-1))?.id ?? '';
  }

  /** From the clock of the events, which begins with the page, to one that outlasts it. @private */
  get sinceEpoch() {
    return Date.now() - this.now();
  }

  /** Stops what is being said. With `bargeInAt`, the time to silence is measured. @private @param {number} [bargeInAt] */
  async interrupt(bargeInAt) {
    const speaker = this.options.speaker();
    if (!speaker?.isAudible) return;
    const { accounts, silentAt } = await speaker.flush();
    for (const account of accounts) {
      const heardMs = Math.floor(speaker.heardMs(account));
      const receivedMs = account.received / SAMPLES_PER_MS;
      this.exchange.itemPeaks.delete(account.item);
      if (!speaker.isTrack) {
        this.report(account, heardMs);
        if (heardMs >= Math.floor(receivedMs)) continue;
        // What frames left behind may still be heard when a track has taken over.
        if (!this.options.track?.()) this.options.send(events.truncateItem(account.item, account.contentIndex, heardMs));
      }
      this.note({ type: 'page.cut', item_id: account.item, heard_ms: heardMs, received_ms: receivedMs });
    }
    if (bargeInAt !== undefined) this.note({ type: 'page.silenced', item_id: accounts[0]?.item ?? '', ms: Math.max(0, silentAt - bargeInAt) });
  }

  /** One response at a time: a running one is cancelled, and its end brings the next. @private */
  requestResponse() {
    this.exchange.wantsResponse = !!this.session.activeResponse;
    if (this.exchange.wantsResponse) this.skip();
    else this.options.send(events.createResponse());
  }

  /** @private @param {ItemAccount} account @param {number} ms */
  report(account, ms) {
    if (this.options.reportsPlayout()) this.options.send(events.playoutReport(account.item, account.contentIndex, ms));
  }

  /** @private @param {string} itemId @param {number} fromMs @param {number} toMs @param {number} [ms] */
  picture(itemId, fromMs, toMs, ms) {
    this.note({ type: 'page.spoken', item_id: itemId, ms, peaks: this.exchange.sent.picture(fromMs, toMs) });
  }
}

/** @param {import('./turn.js').Turn} turn @param {number} ms @returns {import('./turn.js').Turn} */
const onClock = (turn, ms) => ({ ...turn, stages: turn.stages ?? [], timeline: turn.timeline.map(m => ({ ...m, at: m.at + ms })) });

/** Item ids may have 32 characters. */
const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(10)), b => b.toString(16).padStart(2, '0')).join('');

/** What belongs to one session on the server. @param {number} [sentMs] */
const newExchange = (sentMs = 0) => ({
  sent: new PeakHistory(sentMs), // counts like the server's input buffer, whose times the speech events carry
  itemPeaks: /** @type {Map<string, PeakHistory>} */ (new Map()),
  holdStart: 0,
  held: /** @type {{from: number, to: number} | null} */ (null),
  wantsResponse: false,
  cancelled: '',
  hasSpoken: false,
  updates: /** @type {Set<string>} */ (new Set()), // the ids of our session.update events
  refused: /** @type {Set<string>} */ (new Set()), // the fields that the server does not let us set
});

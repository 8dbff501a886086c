import { ApiError, fetchToken } from './api.js';
import { ping } from './events.js';
import { ReconnectSchedule } from './reconnect.js';
import { transports } from './transports/index.js';

/**
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./transports/websocket.js').Connection} Connection
 * @typedef {import('./transports/websocket.js').Closed} Closed
 *
 * @typedef {object} LineState
 * @property {'closed'|'connecting'|'open'|'waiting'} phase
 * @property {number} retryAt when the next try comes (performance.now), in phase waiting
 * @property {number} attempt
 * @property {string} reason why the last connection ended
 *
 * @typedef {object} LineHandlers
 * @property {(state: LineState) => void} onState
 * @property {(event: RealtimeEvent, at: number) => void} onEvent
 * @property {(audio: import('./transports/websocket.js').ItemAudio) => void} onAudio
 * @property {(ms: number) => void} onRoundTrip
 * @property {() => void} onNewSession the old session is gone, a new one begins
 * @property {(failure: {code: string, message: string}) => void} onFailure no further try will be made
 */

const PING_MS = 2000;
const LOST_AFTER_PINGS = 4;
const OPEN_TIMEOUT_MS = 10000;
const HANDOVER_CODE = 4100;

/**
 * One way to the server that survives its connections: asks for a token, connects, watches, and after a loss
 * comes back with the resume token or, when the server no longer knows it, with a new session.
 */
export class Line {
  /** @param {LineHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.schedule = new ReconnectSchedule();
    /** @type {LineState} */
    this.state = { phase: 'closed', retryAt: 0, attempt: 0, reason: '' };
    /** @type {Connection | null} */
    this.connection = null;
    this.accessKey = '';
    this.secret = '';
    this.isSecretFresh = false;
    this.resume = '';
    this.graceMs = Infinity;
    this.lostAt = Infinity;
    /** @type {{message: string} | null} */
    this.openError = null;
    this.isProven = false;
    this.lastPing = 0;
    /** @type {{transport: string, url: string, model: string} | null} */
    this.route = null;

    this.timer = 0;
    this.pingTimer = 0;
    this.hasSession = false;
    this.extended = false;
    this.generation = 0;
    /** @type {Map<string, number>} */
    this.pings = new Map();
  }

  /** @param {{transport: string, url: string, model: string}} route */
  open(route) {
    this.route = route;
    this.forgetSession();
    this.hasSession = false;
    this.schedule.reset();
    void this.attempt();
  }

  close() {
    this.drop(1000);
    this.forgetSession();
    this.setState('closed');
  }

  /** The call goes on over another transport. @param {{transport: string, url: string, model: string}} route */
  handOver(route) {
    this.route = route;
    this.drop(HANDOVER_CODE, 'switching transport');
    this.lostAt = performance.now();
    void this.attempt();
  }

  /** Tries at once instead of waiting. */
  retryNow() {
    if (this.state.phase !== 'waiting') return;
    clearTimeout(this.timer);
    void this.attempt();
  }

  /** @param {RealtimeEvent} event */
  send(event) {
    return this.connection?.send(event) ?? false;
  }

  /** @param {Int16Array} frame */
  sendAudio(frame) {
    return this.connection?.sendAudio(frame) ?? false;
  }

  /** @private 1. A token unless we resume. 2. The connection. 3. Its first event proves it; see receive. */
  async attempt() {
    const generation = ++this.generation;
    this.setState('connecting');
    if (this.resume && performance.now() - this.lostAt > this.graceMs) this.forgetSession();
    const resume = this.resume;
    if (!resume && !this.isSecretFresh) {
      try {
        this.secret = (await fetchToken(this.accessKey)).value;
      } catch (error) {
        if (generation === this.generation) this.refused(error instanceof ApiError ? error : new ApiError(0, '', String(error)));
        return;
      }
      if (generation !== this.generation) return;
    }
    this.isSecretFresh = false;
    const { transport, url, model } = /** @type {NonNullable<typeof this.route>} */ (this.route);
    this.isProven = false;
    this.connection = transports[transport].connect({
      url, model, secret: this.secret, resume,
      onOpen: extended => this.opened(extended),
      onEvent: (event, at) => this.receive(event, at),
      onAudio: audio => this.handlers.onAudio(audio),
      onClose: closed => this.lost(closed),
    });
    this.timer = setTimeout(() => this.lost({ code: 1006, reason: 'no answer', opened: false, retryable: true }), OPEN_TIMEOUT_MS);
  }

  /** @private @param {boolean} extended */
  opened(extended) {
    this.extended = extended;
    clearInterval(this.pingTimer);
    this.pings.clear();
    this.lastPing = performance.now();
    if (extended) this.pingTimer = setInterval(() => this.ping(), PING_MS);
  }

  /** @private @param {RealtimeEvent} event @param {number} at */
  receive(event, at) {
    if (event.type === 'voicecarnival.pong') return this.pong(event, at);
    if (event.type === 'voicecarnival.session.resume_token') {
      this.resume = event.token;
      this.graceMs = event.grace_ms ?? Infinity;
    }
    const isResumed = event.type === 'voicecarnival.session.resumed';
    if (event.type === 'error' && !this.isProven && event.error?.code) this.openError = event.error;
    if (!this.isProven && (event.type === 'session.created' || isResumed)) {
      this.isProven = true;
      clearTimeout(this.timer);
      this.schedule.reset();
      if (!isResumed && this.hasSession) this.handlers.onNewSession();
      this.hasSession = true;
      this.setState('open');
    }
    this.handlers.onEvent(event, at);
  }

  /** @private @param {Closed} closed */
  lost(closed) {
    const wasResuming = !!this.resume && !this.isProven;
    const wasOpen = this.state.phase === 'open';
    this.drop(1000);
    const reason = closed.reason || this.openError?.message || '';
    this.openError = null;
    // A browser cannot tell a refused resumption from a server that is away: asking for a token tells.
    if (wasResuming && closed.code !== 1001) {
      this.hasSession = true;
      return void this.probe(reason);
    }
    if (wasOpen) this.lostAt = performance.now();
    if (closed.retryable) return this.wait(reason);
    this.forgetSession();
    this.setState('closed', reason);
    this.handlers.onFailure({ code: `close_${closed.code}`, message: reason });
  }

  /** @private @param {string} reason */
  async probe(reason) {
    const generation = ++this.generation;
    try {
      this.secret = (await fetchToken(this.accessKey)).value;
      this.isSecretFresh = true;
    } catch {
      if (generation === this.generation) this.wait(reason);
      return;
    }
    if (generation !== this.generation) return;
    this.forgetSession();
    void this.attempt();
  }

  /** @private @param {ApiError} error */
  refused(error) {
    if (error.retryable) return this.wait(error.message, error.retryAfterMs);
    this.setState('closed', error.message);
    this.handlers.onFailure({ code: error.status === 401 || error.status === 403 ? 'unauthorized' : error.code, message: error.message });
  }

  /** @private @param {string} reason @param {number} [atLeastMs] */
  wait(reason, atLeastMs = 0) {
    const next = this.schedule.next(performance.now(), atLeastMs);
    if (!next) {
      this.setState('closed', reason);
      return this.handlers.onFailure({ code: 'unreachable', message: reason });
    }
    this.timer = setTimeout(() => this.attempt(), next.delayMs);
    this.setState('waiting', reason, next);
  }

  /** @private @param {number} [code] @param {string} [reason] */
  drop(code, reason) {
    this.generation++;
    clearTimeout(this.timer);
    clearInterval(this.pingTimer);
    this.connection?.close(code, reason);
    this.connection = null;
  }

  /** @private A connection can die without a close; but timers that slept prove nothing. */
  ping() {
    const now = performance.now();
    if (now - this.lastPing > 3 * PING_MS) this.pings.clear();
    this.lastPing = now;
    if (this.pings.size >= LOST_AFTER_PINGS) return this.lost({ code: 1006, reason: 'The line went silent.', opened: true, retryable: true });
    const id = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.pings.set(id, now);
    this.send(ping(id));
  }

  /** @private @param {RealtimeEvent} event @param {number} at */
  pong(event, at) {
    const sentAt = this.pings.get(event.id);
    this.pings.clear();
    if (sentAt !== undefined) this.handlers.onRoundTrip(at - sentAt);
  }

  /** @private */
  forgetSession() {
    this.resume = '';
    this.graceMs = Infinity;
    this.lostAt = Infinity;
    this.openError = null;
  }

  /** @private @param {LineState['phase']} phase @param {string} [reason] @param {{at: number, attempt: number}} [next] */
  setState(phase, reason = '', next = { at: 0, attempt: 0 }) {
    this.state = { phase, reason, retryAt: next.at, attempt: next.attempt };
    this.handlers.onState(this.state);
  }
}

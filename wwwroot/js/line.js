import { ApiError, fetchToken } from './api.js';
import { Heartbeat } from './heartbeat.js';
import { ReconnectSchedule } from './reconnect.js';
import { Repeats } from './repeats.js';
import { transports } from './transports/index.js';

/**
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./transports/transport.js').Connection} Connection
 * @typedef {import('./transports/transport.js').Closed} Closed
 * @typedef {{transport: string, url: string, model: string}} Route
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
 * @property {(audio: import('./transports/transport.js').ItemAudio) => void} onAudio
 * @property {() => MediaStream | null} microphone
 * @property {(ms: number) => void} onRoundTrip
 * @property {(reason: 'switched'|'lost') => void} onNewSession the old session is gone, a new one begins
 * @property {(route: Route, reason: string) => void} onStay a switch of transports failed, the call goes on over this one
 * @property {(route: Route, reason: string) => Route | null} onNoPath this way does not get through the network: another one, if there is
 * @property {(failure: {code: string, message: string}) => void} onFailure no further try will be made
 */

const OPEN_TIMEOUT_MS = 10000;
const TOKEN_MARGIN_MS = 5000;
// Nobody sits before an open microphone for longer than this until the server may be asked again.
const LONGEST_WAIT_MS = 60000;
// The server ends a session that its caller closes in an orderly way, but for this code.
const COMING_BACK = 4100;

/**
 * One way to the server that survives its connections: asks for a token, connects, watches, and after a loss
 * comes back with the resume token or, when the server no longer knows it, with a new session.
 */
export class Line {
  /** @param {LineHandlers} handlers @param {{transports?: typeof transports, fetchToken?: typeof fetchToken, schedule?: ReconnectSchedule}} [parts] */
  constructor(handlers, parts = {}) {
    this.handlers = handlers;
    this.parts = { transports, fetchToken, ...parts };
    this.schedule = parts.schedule ?? new ReconnectSchedule();
    /** @type {LineState} */
    this.state = { phase: 'closed', retryAt: 0, attempt: 0, reason: '' };
    /** @type {Connection | null} the one that serves: the server has greeted us over it */
    this.connection = null;
    /** @type {Connection | null} the one that is being tried */
    this.next = null;
    this.accessKey = '';
    /** @type {import('./api.js').Token | null} */
    this.token = null;
    this.isTokenFresh = false;
    this.resume = '';
    this.graceMs = Infinity;
    this.lostAt = Infinity;
    /** @type {{message: string} | null} */
    this.openError = null;
    this.repeats = new Repeats();
    /** @type {Route | null} */
    this.route = null;
    /** @type {Route | null} the way of the connection that serves */
    this.servingRoute = null;

    this.timer = 0;
    this.heartbeat = new Heartbeat(handlers.onRoundTrip, connection => this.lost(connection, { code: 1006, reason: 'The line went silent.', retryable: true }));
    this.hasSession = false;
    this.refusals = 0;
    this.extended = false;
    this.isSending = false;
    this.wasSwitched = false;
    /** @type {import('./transports/peer-stats.js').LineStats | null} */
    this.stats = null;
    this.generation = 0;
  }

  /** @param {Route} route @param {{resume: string, graceMs: number, seen: string[]} | null} [kept] a session from before a reload of the page */
  open(route, kept = null) {
    this.route = route;
    this.servingRoute = null;
    this.forgetSession();
    this.hasSession = !!kept;
    this.repeats = new Repeats(kept?.seen);
    if (kept) {
      this.resume = kept.resume;
      this.graceMs = kept.graceMs;
      this.lostAt = performance.now();
    }
    this.schedule.reset();
    void this.attempt();
  }

  close() {
    this.drop(1000);
    this.forgetSession();
    this.setState('closed');
  }

  /** The page goes, and comes back to the session: a browser on its own would close some connections as if we had hung up. */
  leave() {
    this.drop(COMING_BACK);
  }

  /** The call goes on over another transport. Until the server has greeted us there, the old connection serves. @param {Route} route */
  handOver(route) {
    this.route = route;
    if (this.state.phase === 'closed') return;
    if (this.connection) this.dropNext();
    else this.drop();
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

  get carriesTracks() {
    return this.connection?.carriesTracks ?? false;
  }

  /** Of a line that carries tracks: whether the microphone goes to the agent. @param {boolean} isSending */
  setSending(isSending) {
    if (isSending === this.isSending) return;
    this.isSending = isSending;
    this.connection?.setSending(isSending);
    this.next?.setSending(isSending);
  }

  /** Of a line that carries tracks: another microphone, or none. @param {MediaStream | null} microphone */
  setMicrophone(microphone) {
    this.connection?.setMicrophone(microphone);
    this.next?.setMicrophone(microphone);
  }

  /** Looks at how the connection does. */
  async measure() {
    const { connection } = this;
    const stats = (await connection?.stats().catch(() => null)) ?? null;
    if (connection !== this.connection) return;
    this.stats = stats;
    if (!this.extended && typeof stats?.roundTripMs === 'number') this.handlers.onRoundTrip(stats.roundTripMs);
  }

  /** @private 1. The transport's module and a token. 2. The connection. 3. Its first event proves it; see receive. */
  async attempt() {
    const generation = ++this.generation;
    const isCurrent = () => generation === this.generation;
    if (!this.connection) this.setState('connecting');
    if (this.resume && performance.now() - this.lostAt > this.graceMs) this.forgetSession();
    const { transport, url, model } = /** @type {Route} */ (this.route);
    let connect;
    try {
      ({ connect } = await this.parts.transports[transport]());
      if (!this.hasToken) this.token = await this.parts.fetchToken(this.accessKey);
    } catch (error) {
      if (isCurrent()) this.refused(error instanceof ApiError ? error : new ApiError(0, '', String(error)));
      return;
    }
    if (!isCurrent()) return;
    this.isTokenFresh = false;
    let extended = false;
    /** @type {Connection} */
    let next;
    try {
      next = connect({
        url, model, token: /** @type {import('./api.js').Token} */ (this.token), resume: this.resume, microphone: this.handlers.microphone(),
        onOpen: isExtended => (extended = isExtended),
        onEvent: (event, at) => this.receive(next, event, at, extended),
        onAudio: audio => this.handlers.onAudio(audio),
        onClose: closed => this.lost(next, closed),
      });
    } catch (error) {
      return this.unable(`The browser cannot take this way: ${/** @type {any} */ (error)?.message ?? error}`);
    }
    next.setSending(this.isSending);
    this.next = next;
    this.timer = setTimeout(() => this.lost(next, { code: 1006, reason: 'no answer', retryable: true, isGone: false }), OPEN_TIMEOUT_MS);
  }

  /** A session that is resumed needs a token only to be let in; a new one gets its own. @private */
  get hasToken() {
    return !!this.token && (!!this.resume || this.isTokenFresh) && 1000 * this.token.expires_at > Date.now() + TOKEN_MARGIN_MS;
  }

  /** @private @param {Connection} connection @param {RealtimeEvent} event @param {number} at @param {boolean} extended */
  receive(connection, event, at, extended) {
    const isResumed = event.type === 'voicecarnival.session.resumed';
    if (connection === this.next) {
      // The refusal of an attempt is the line's matter, not the conversation's.
      if (event.type === 'error' && event.error?.code) this.openError = event.error;
      if (event.type !== 'session.created' && !isResumed) return;
      this.proven(connection, isResumed, extended);
    }
    if (connection !== this.connection) return;
    if (event.type === 'voicecarnival.pong') return this.heartbeat.answered(event, at);
    if (isResumed && event.side !== 'engine') this.repeats.expect();
    if (this.repeats.has(event)) return;
    if (event.type === 'voicecarnival.session.resume_token') {
      this.resume = event.token;
      this.graceMs = event.grace_ms ?? Infinity;
    }
    this.handlers.onEvent(event, at);
  }

  /** @private @param {Connection} connection @param {boolean} isResumed @param {boolean} extended */
  proven(connection, isResumed, extended) {
    clearTimeout(this.timer);
    // Not whether the old connection still stands: the server, which took the session along, may have closed it already.
    this.wasSwitched = !!this.servingRoute && this.servingRoute.transport !== this.route?.transport;
    this.connection?.close(isResumed ? COMING_BACK : 1000);
    this.connection = connection;
    this.servingRoute = this.route;
    this.next = null;
    this.openError = null;
    this.schedule.reset();
    this.refusals = 0;
    this.extended = extended;
    this.stats = null;
    if (extended) this.heartbeat.watch(connection);
    else this.heartbeat.stop();
    if (!isResumed) this.resume = '';
    if (!isResumed && this.hasSession) this.handlers.onNewSession(this.wasSwitched ? 'switched' : 'lost');
    this.hasSession = true;
    this.setState('open');
  }

  /** @private @param {Connection} connection @param {Closed} closed */
  lost(connection, closed) {
    const reason = closed.reason || this.openError?.message || '';
    if (connection === this.connection && this.next) {
      // The server lets go of the old connection when the new one comes.
      this.heartbeat.stop();
      this.connection = null;
      this.lostAt = performance.now();
      return;
    }
    if (connection === this.next && this.connection) return this.stay(reason);
    if (connection !== this.connection && connection !== this.next) return;
    const wasServing = connection === this.connection;
    const wasResuming = !wasServing && !!this.resume;
    this.drop(COMING_BACK);
    this.openError = null;
    if (wasResuming && closed.isGone) return this.beginAnew();
    // A browser cannot tell a socket's refused resumption from a server that is away: asking for a token tells.
    if (wasResuming && closed.isGone === undefined && closed.code !== 1001) return void this.probe(reason);
    if (closed.hasNoPath && this.evade(reason)) return;
    if (wasServing) this.lostAt = performance.now();
    if (closed.retryable) return this.wait(reason, closed.retryAfterMs);
    this.fail(`close_${closed.code}`, reason);
  }

  /** @private Another way, where this one does not get through. @param {string} reason */
  evade(reason) {
    const other = this.handlers.onNoPath(/** @type {Route} */ (this.route), reason);
    if (!other) return false;
    this.route = other;
    void this.attempt();
    return true;
  }

  /** @private The browser does not even begin a connection of this kind. @param {string} reason */
  unable(reason) {
    if (this.connection) this.stay(reason);
    else if (!this.evade(reason)) this.fail('unable', reason);
  }

  /** @private @param {string} code @param {string} message */
  fail(code, message) {
    this.forgetSession();
    this.setState('closed', message);
    this.handlers.onFailure({ code, message });
  }

  /** @private A server that is there, and lets us in, may all the same have been away a moment ago: only its second refusal counts. @param {string} reason */
  async probe(reason) {
    const generation = ++this.generation;
    try {
      this.token = await this.parts.fetchToken(this.accessKey);
      this.isTokenFresh = true;
    } catch {
      if (generation === this.generation) this.wait(reason);
      return;
    }
    if (generation !== this.generation) return;
    if (this.refusals++) this.beginAnew();
    else void this.attempt();
  }

  /** @private */
  beginAnew() {
    this.forgetSession();
    void this.attempt();
  }

  /** @private @param {ApiError} error */
  refused(error) {
    if (this.connection) return this.stay(error.message);
    if (error.retryable) return this.wait(error.message, error.retryAfterMs);
    this.setState('closed', error.message);
    this.handlers.onFailure({ code: error.status === 401 || error.status === 403 ? 'unauthorized' : error.code, message: error.message });
  }

  /** @private The switch failed, the old connection still serves. @param {string} reason */
  stay(reason) {
    this.dropNext();
    this.openError = null;
    this.route = this.servingRoute;
    this.handlers.onStay(/** @type {Route} */ (this.route), reason);
  }

  /** @private @param {string} reason @param {number} [atLeastMs] */
  wait(reason, atLeastMs = 0) {
    if (atLeastMs > LONGEST_WAIT_MS) return this.fail('later', `${reason} The server asks to try again not before ${timeOfDay(Date.now() + atLeastMs)}.`.trim());
    const next = this.schedule.next(performance.now(), atLeastMs);
    if (!next) {
      this.setState('closed', reason);
      return this.handlers.onFailure({ code: 'unreachable', message: reason });
    }
    this.timer = setTimeout(() => this.attempt(), next.delayMs);
    this.setState('waiting', reason, next);
  }

  /** @private @param {number} [code] */
  drop(code) {
    this.heartbeat.stop();
    this.connection?.close(code ?? this.goodbye);
    this.connection = null;
    this.dropNext(code);
  }

  /** @private @param {number} [code] */
  dropNext(code = this.goodbye) {
    this.generation++;
    clearTimeout(this.timer);
    this.next?.close(code);
    this.next = null;
  }

  /** An attempt may have reached the session without our hearing of it. @private */
  get goodbye() {
    return this.resume ? COMING_BACK : 1000;
  }

  /** @private */
  forgetSession() {
    this.resume = '';
    this.graceMs = Infinity;
    this.lostAt = Infinity;
    this.openError = null;
    this.refusals = 0;
  }

  /** @private @param {LineState['phase']} phase @param {string} [reason] @param {{at: number, attempt: number}} [next] */
  setState(phase, reason = '', next = { at: 0, attempt: 0 }) {
    this.state = { phase, reason, retryAt: next.at, attempt: next.attempt };
    this.handlers.onState(this.state);
  }
}

/** With the date where it is not today. @param {number} ms since 1970 */
function timeOfDay(ms) {
  // To the next whole minute: not too early by a few seconds.
  const then = new Date(60000 * Math.ceil(ms / 60000));
  const isToday = then.toDateString() === new Date().toDateString();
  return then.toLocaleString([], { ...(!isToday && { month: 'long', day: 'numeric' }), hour: '2-digit', minute: '2-digit' });
}

import { ping } from './events.js';

/**
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./transports/transport.js').Connection} Connection
 */

const EVERY_MS = 2000;
const LOST_AFTER = 4;
// WebRTC watches its path by itself. Over one that broke for ten seconds and was renewed, its channel speaks up again only as long afterwards (SCTP's back-off), while the sound is there at once.
const LOST_AFTER_WITH_TRACKS = 15;

/** Pings the server over the connection that serves: a connection can die without a close. Tells each round trip, and when the answers stay away. */
export class Heartbeat {
  /** @param {(ms: number) => void} onRoundTrip @param {(connection: Connection) => void} onSilence */
  constructor(onRoundTrip, onSilence) {
    this.onRoundTrip = onRoundTrip;
    this.onSilence = onSilence;
    /** @type {Connection | null} */
    this.connection = null;
    this.timer = 0;
    this.last = 0;
    /** @type {Map<string, number>} the pings without an answer, and when they were sent */
    this.pending = new Map();
  }

  /** @param {Connection} connection */
  watch(connection) {
    this.stop();
    this.connection = connection;
    this.last = performance.now();
    this.timer = setInterval(() => this.beat(), EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.connection = null;
    this.pending.clear();
  }

  /** @param {RealtimeEvent} pong @param {number} at */
  answered(pong, at) {
    const sentAt = this.pending.get(pong.id);
    this.pending.clear();
    if (sentAt !== undefined) this.onRoundTrip(at - sentAt);
  }

  /** @private */
  beat() {
    const { connection } = this;
    if (!connection) return;
    const now = performance.now();
    // Timers that slept prove nothing.
    if (now - this.last > 3 * EVERY_MS || connection.isRecovering) this.pending.clear();
    this.last = now;
    if (this.pending.size >= (connection.carriesTracks ? LOST_AFTER_WITH_TRACKS : LOST_AFTER)) return this.onSilence(connection);
    const id = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.pending.set(id, now);
    connection.send(ping(id));
  }
}

/** @typedef {import('./events.js').RealtimeEvent} RealtimeEvent */

const KEPT = 500;

/**
 * Events that come twice: what was on its way into a line that broke is sent again over the next, in its order and before anything new, and some of it may have come.
 * Outside of that, ids prove nothing: not every server gives each event its own.
 */
export class Repeats {
  /** @param {string[]} [ids] of events that came before the page was loaded anew */
  constructor(ids = []) {
    this.seen = new Set(ids);
    this.isExpecting = false;
  }

  /** The newest ids, oldest first. */
  get ids() {
    return [...this.seen];
  }

  /** Another connection goes on with the session. */
  expect() {
    this.isExpecting = true;
  }

  /** Whether the event was seen before; else it is from now on. @param {RealtimeEvent} event */
  has({ type, event_id: id }) {
    if (!id || type === 'voicecarnival.pong') return false;
    if (this.isExpecting && this.seen.has(id)) return true;
    // Our own events about the line are new with each.
    if (!type.startsWith('voicecarnival.')) this.isExpecting = false;
    this.seen.add(id);
    if (this.seen.size > KEPT) this.seen.delete(/** @type {string} */ (this.seen.values().next().value));
    return false;
  }
}

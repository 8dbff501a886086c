const WARNING_MS = 60000;

/** What a call may still use of its time and money, as the server tells. Times in ms since 1970. */
export class Allowance {
  constructor() {
    this.endsAt = Infinity;
  }

  reset() {
    this.endsAt = Infinity;
  }

  /** A limit is near. The money that is left in words, empty when it is not told; null when it is about time. @param {import('./events.js').RealtimeEvent} event */
  expiring({ seconds_left: secondsLeft, usd_left: usdLeft }, nowMs = Date.now()) {
    if (typeof secondsLeft !== 'number') return typeof usdLeft === 'number' ? `$${usdLeft.toFixed(2)}` : '';
    this.endsAt = nowMs + 1000 * secondsLeft;
    return null;
  }

  /** Seconds that are left, once they are few; else null. @param {number | null} expiresAt of the session, unix seconds */
  secondsLeft(expiresAt, nowMs = Date.now()) {
    const leftMs = Math.min(this.endsAt, 1000 * (expiresAt ?? Infinity)) - nowMs;
    return leftMs < WARNING_MS ? Math.max(0, Math.ceil(leftMs / 1000)) : null;
  }
}

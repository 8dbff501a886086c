/**
 * When to try again after a connection was lost: doubling delays with jitter, so that callers of a restarted
 * server do not come back all at once. Clock and chance come from outside.
 */
export class ReconnectSchedule {
  /** @param {{random?: () => number, firstMs?: number, maxMs?: number, jitter?: number, giveUpMs?: number}} [options] */
  constructor({ random = Math.random, firstMs = 400, maxMs = 15000, jitter = 0.3, giveUpMs = 600000 } = {}) {
    this.random = random;
    this.firstMs = firstMs;
    this.maxMs = maxMs;
    this.jitter = jitter;
    this.giveUpMs = giveUpMs;
    this.attempt = 0;
    /** @type {number | null} */
    this.since = null;
  }

  /**
   * The next try, or null when it has gone on for too long.
   * @param {number} nowMs @param {number} [atLeastMs] the server's Retry-After
   * @returns {{attempt: number, delayMs: number, at: number} | null}
   */
  next(nowMs, atLeastMs = 0) {
    this.since ??= nowMs;
    if (nowMs - this.since > this.giveUpMs) return null;
    const base = Math.min(this.maxMs, this.firstMs * 2 ** this.attempt);
    const delayMs = Math.max(atLeastMs, Math.round(base * (1 + this.jitter * (2 * this.random() - 1))));
    this.attempt++;
    return { attempt: this.attempt, delayMs, at: nowMs + delayMs };
  }

  reset() {
    this.attempt = 0;
    this.since = null;
  }
}

const RETRYABLE = new Set([1001, 1005, 1006, 1011, 1012, 1013]);

/** Whether a WebSocket close code leaves hope. @param {number} code */
export const isRetryable = code => RETRYABLE.has(code);

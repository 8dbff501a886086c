const QUIET_AFTER_MS = 20000;
const DEAD_BELOW = 0.003;

/** Notices when nothing has come from the user for long. Clock and levels come from outside. */
export class QuietWatch {
  constructor() {
    this.since = 0;
    this.loudest = 0;
  }

  /** @param {number} nowMs */
  reset(nowMs) {
    this.since = nowMs;
    this.loudest = 0;
  }

  /** @param {number} level 0..1 */
  hear(level) {
    this.loudest = Math.max(this.loudest, level);
  }

  /**
   * What to tell once more after so long: that nobody spoke, or that the microphone gives no sound at all.
   * @param {number} nowMs @param {boolean} isListening @returns {'quiet'|'silent'|null}
   */
  check(nowMs, isListening) {
    if (!isListening) this.reset(nowMs);
    if (nowMs - this.since < QUIET_AFTER_MS) return null;
    const found = this.loudest < DEAD_BELOW ? 'silent' : 'quiet';
    this.reset(nowMs);
    return found;
  }
}

import { pcm16ToFloat } from './pcm.js';

/**
 * @typedef {object} ItemAccount what became of one item's audio, in samples of the item
 * @property {string} item
 * @property {number} contentIndex
 * @property {number} received position after the last sample received
 * @property {number} rendered position after the last sample rendered
 * @property {number} lost samples that never came or found no room
 * @property {boolean} ended nothing more will come
 * @property {boolean} cut flushed: whatever still comes is dropped
 *
 * @typedef {{account: ItemAccount, position: number, length: number}} Segment
 */

const KEPT_ACCOUNTS = 64;

/** Audio of items in order of arrival, bounded, with an exact account of each item. */
export class RingBuffer {
  /** @param {number} capacity in samples @param {number} [most] to grow to when it is full */
  constructor(capacity, most = capacity) {
    this.store = new Int16Array(capacity);
    this.most = most;
    this.read = 0;
    this.buffered = 0;
    /** @type {Segment[]} */
    this.segments = [];
    /** @type {Map<string, ItemAccount>} */
    this.accounts = new Map();
  }

  /**
   * Samples that came before (a replay after a reconnect) are skipped. Returns the number taken.
   * @param {string} item @param {number} contentIndex @param {number} offset @param {Int16Array} samples
   */
  push(item, contentIndex, offset, samples) {
    const account = this.account(item, contentIndex, offset);
    if (account.cut) return 0;
    const skip = Math.max(0, account.received - offset);
    if (skip >= samples.length) return 0;
    account.lost += Math.max(0, offset - account.received);
    if (this.buffered + samples.length - skip > this.store.length && this.store.length < this.most) this.grow(this.buffered + samples.length - skip);
    const taken = Math.min(samples.length - skip, this.store.length - this.buffered);
    account.lost += samples.length - skip - taken;
    this.write(samples.subarray(skip, skip + taken));
    if (taken) this.append(account, offset + skip, taken);
    account.received = offset + samples.length;
    return taken;
  }

  /**
   * Moves up to `count` samples into `out` and returns how many there were.
   * `onItem` hears of each item that the samples touch, with the index in `out`.
   * @param {Float32Array} out @param {number} start @param {number} count
   * @param {(account: ItemAccount, index: number, first: boolean) => void} [onItem]
   */
  pull(out, start, count, onItem) {
    let done = 0;
    while (done < count && this.segments.length) {
      const segment = this.segments[0];
      const length = Math.min(count - done, segment.length, this.store.length - this.read);
      out.set(pcm16ToFloat(this.store.subarray(this.read, this.read + length)), start + done);
      onItem?.(segment.account, start + done, segment.account.rendered === 0);
      segment.position += length;
      segment.length -= length;
      segment.account.rendered = segment.position;
      if (!segment.length) this.segments.shift();
      this.read = (this.read + length) % this.store.length;
      this.buffered -= length;
      done += length;
    }
    return done;
  }

  /** @param {string} item */
  end(item) {
    const account = this.accounts.get(item);
    if (account) account.ended = true;
    return account;
  }

  /** Drops everything not rendered. Returns the accounts of the items that lost audio or were still to come. */
  flush() {
    const open = [...this.accounts.values()].filter(a => !a.cut && (!a.ended || a.rendered < a.received));
    for (const account of open) account.cut = true;
    this.segments = [];
    this.read = 0;
    this.buffered = 0;
    return open;
  }

  /** @private @param {number} needed */
  grow(needed) {
    const larger = new Int16Array(Math.min(this.most, Math.max(needed, 2 * this.store.length)));
    const untilEnd = this.store.subarray(this.read, this.read + this.buffered);
    larger.set(untilEnd);
    larger.set(this.store.subarray(0, this.buffered - untilEnd.length), untilEnd.length);
    this.store = larger;
    this.read = 0;
  }

  /** @private @param {string} item @param {number} contentIndex @param {number} offset */
  account(item, contentIndex, offset) {
    let account = this.accounts.get(item);
    if (!account) {
      account = { item, contentIndex, received: offset, rendered: 0, lost: offset, ended: false, cut: false };
      this.accounts.set(item, account);
      if (this.accounts.size > KEPT_ACCOUNTS) this.accounts.delete(/** @type {string} */ (this.accounts.keys().next().value));
    }
    return account;
  }

  /** @private @param {Int16Array} samples */
  write(samples) {
    const start = (this.read + this.buffered) % this.store.length;
    const first = Math.min(samples.length, this.store.length - start);
    this.store.set(samples.subarray(0, first), start);
    this.store.set(samples.subarray(first), 0);
    this.buffered += samples.length;
  }

  /** @private @param {ItemAccount} account @param {number} position @param {number} length */
  append(account, position, length) {
    const last = this.segments[this.segments.length - 1];
    if (last && last.account === account && last.position + last.length === position) last.length += length;
    else this.segments.push({ account, position, length });
  }
}

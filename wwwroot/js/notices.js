/**
 * What the page has to tell beside the conversation: one entry for each matter, until it is settled.
 * @typedef {'denied'|'noMicrophone'|'busy'|'insecure'|'audioFailed'|'unplugged'|'suspended'|'unauthorized'|'refused'|'unreachable'|
 *   'waiting'|'delayed'|'limit'|'ended'|'expiring'|'spending'|'quiet'|'silent'|'stayed'|'short'|'slow'|'unloaded'} NoticeId
 */

// The first that stands is the one shown.
/** @type {NoticeId[]} */
const PRIORITY = ['unloaded', 'denied', 'noMicrophone', 'busy', 'insecure', 'audioFailed', 'unauthorized', 'limit', 'ended', 'refused', 'unreachable', 'waiting', 'delayed',
  'suspended', 'unplugged', 'expiring', 'spending', 'silent', 'quiet', 'slow', 'stayed', 'short'];

export class Notices {
  constructor() {
    /** @type {Map<NoticeId, string>} */
    this.standing = new Map();
  }

  /** @param {NoticeId} id @param {string} [detail] */
  set(id, detail = '') {
    this.standing.set(id, detail);
  }

  /** @param {...NoticeId} ids all when none is given */
  clear(...ids) {
    if (!ids.length) this.standing.clear();
    for (const id of ids) this.standing.delete(id);
  }

  /** @returns {{id: NoticeId, detail: string} | null} */
  get first() {
    const id = PRIORITY.find(p => this.standing.has(p));
    return id ? { id, detail: this.standing.get(id) ?? '' } : null;
  }
}

/** Why getUserMedia failed. @param {any} error @returns {NoticeId} */
export function microphoneNotice(error) {
  if (!globalThis.navigator?.mediaDevices) return 'insecure';
  switch (error?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'noMicrophone';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'audioFailed';
  }
}

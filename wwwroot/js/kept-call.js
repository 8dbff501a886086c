/**
 * A call that a reload of the page interrupts. It is kept only from the moment the page goes until it comes back, in this tab's own
 * storage, since it holds the single-use token that the server gives the session back for.
 *
 * @typedef {object} KeptCall
 * @property {string} resume the token
 * @property {number} until when the server forgets the session, ms since 1970
 * @property {boolean} microphone
 * @property {boolean} muted
 * @property {string[]} [seen] ids of the newest events, which may come again
 * @property {import('./turn-taking.js').KeptConversation} conversation
 */

const KEY = 'voicecarnival.call';

/** @param {Pick<Storage, 'setItem'>} storage @param {KeptCall} call */
export function keepCall(storage, call) {
  try {
    storage.setItem(KEY, JSON.stringify(call));
  } catch {
    // No storage, or too much was said for it: then the reload ends the call.
  }
}

/** Can be taken once. @param {Pick<Storage, 'getItem'|'removeItem'>} storage @param {number} nowMs since 1970 @returns {KeptCall | null} */
export function takeCall(storage, nowMs) {
  try {
    const call = JSON.parse(storage.getItem(KEY) ?? 'null');
    storage.removeItem(KEY);
    return call?.resume && call.until > nowMs && Array.isArray(call.conversation?.turns) ? call : null;
  } catch {
    return null;
  }
}

/**
 * One row of the conversation: what one side said, a tool call, or a line between.
 *
 * @typedef {object} Turn
 * @property {string} id the item's id, or one of ours for rows that are no items
 * @property {'user'|'assistant'|'tool'|'error'|'notice'|'divider'} kind
 * @property {'live'|'done'|'cut'|'failed'} status
 * @property {string} text
 * @property {Record<number, string>} parts text by content index
 * @property {Record<number, boolean>} finished parts whose final text has come
 * @property {boolean} typed
 * @property {boolean} waits it was typed and is not sent yet
 * @property {boolean} known the server has spoken of it
 * @property {'none'|'pending'|'done'|'unavailable'} transcription of a spoken turn of the user
 * @property {number | null} spokenMs length of the user's speech
 * @property {boolean} isSound it is spoken, or will be
 * @property {boolean} paced its sound comes as it is heard, so that its text runs ahead
 * @property {number} receivedMs length of the agent's audio so far
 * @property {number[]} peaks a picture of the sound, 0..1
 * @property {number | null} cutMs what was heard of a turn that was interrupted
 * @property {number | null} cutIndex where in the text that was
 * @property {number | null} answeredInMs from the end of the user's turn to the first audio heard
 * @property {number | null} silencedInMs from the barge-in to silence
 * @property {{name: string, at: number}[]} timeline
 * @property {{name: string, ms: number}[]} stages where the time to the first sound went, as the server measured it; empty where it did not tell
 * @property {string} responseId
 * @property {string} name of a tool
 * @property {string} output of a tool
 */

const MS_PER_CHARACTER = 65;

/** @param {string} id @param {Turn['kind']} kind @param {Partial<Turn>} [fields] @returns {Turn} */
export const newTurn = (id, kind, fields) => ({
  id, kind, status: 'live', text: '', parts: {}, finished: {}, typed: false, waits: false, known: false, transcription: 'none', spokenMs: null, isSound: false, paced: false, receivedMs: 0,
  peaks: [], cutMs: null, cutIndex: null, answeredInMs: null, silencedInMs: null, timeline: [], stages: [], responseId: '', name: '', output: '',
  ...fields,
});

/** @param {Turn} turn @param {string} name @param {number} at @returns {Turn['timeline']} */
export const withMark = (turn, name, at) => (turn.timeline.some(m => m.name === name) ? turn.timeline : [...turn.timeline, { name, at }]);

/** More of the text of one part. @param {Turn} turn @param {number} index @param {string} delta @returns {Partial<Turn>} */
export function appended(turn, index, delta) {
  if (turn.finished[index]) return {};
  return withParts({ ...turn.parts, [index]: (turn.parts[index] ?? '') + delta });
}

/**
 * The final text of one part. After a cut the server may keep only what was heard; the row keeps all, struck out.
 * @param {Turn} turn @param {number} index @param {string | null | undefined} text @returns {Partial<Turn>}
 */
export function completed(turn, index, text) {
  const known = turn.parts[index] ?? '';
  const final = text == null || (turn.cutMs !== null && text.length < known.length) ? known : text;
  return { ...withParts({ ...turn.parts, [index]: final }), finished: { ...turn.finished, [index]: true } };
}

/** @param {Record<number, string>} parts */
function withParts(parts) {
  const text = Object.keys(parts).sort((a, b) => Number(a) - Number(b)).map(i => parts[Number(i)]).filter(Boolean).join(' ');
  return { parts, text };
}

/**
 * The turn was heard up to `heardMs`: the text is struck out from the word that was spoken then. The share of
 * the audio that was heard stands for the share of the text, since nothing says when each word sounds. Of sound that
 * comes as it is heard the whole length is not known, and an ordinary pace of speech stands for it.
 * @param {Turn} turn @param {number} heardMs @param {number} receivedMs @returns {Partial<Turn>}
 */
export function cutAt(turn, heardMs, receivedMs) {
  const wholeMs = turn.paced ? Math.max(receivedMs, MS_PER_CHARACTER * turn.text.length) : receivedMs;
  const share = wholeMs > 0 ? Math.min(1, heardMs / wholeMs) : 0;
  let index = Math.round(share * turn.text.length);
  if (index < turn.text.length) while (index > 0 && !/\s/.test(turn.text[index - 1])) index--;
  return { status: 'cut', cutMs: heardMs, cutIndex: index };
}

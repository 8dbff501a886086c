/**
 * The events of the OpenAI Realtime protocol (GA) that the page sends, and how events are read and logged.
 * Names that begin with `voicecarnival.` are extensions, used only when the server chose our subprotocol.
 *
 * @typedef {{type: string, event_id?: string, [field: string]: any}} RealtimeEvent
 */

/** Null when the text is no event. @param {string} text @returns {RealtimeEvent | null} */
export function parseEvent(text) {
  try {
    const event = JSON.parse(text);
    return event && typeof event === 'object' && typeof event.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

let count = 0;

/** The id comes back in an `error` that the event causes. @param {string} type @param {object} [fields] @returns {RealtimeEvent} */
const event = (type, fields) => ({ type, event_id: `page_${++count}`, ...fields });

/** @param {object} session */
export const sessionUpdate = session => event('session.update', { session: { type: 'realtime', ...session } });

/** No id: sent fifty times a second. @param {string} audio base64 @returns {RealtimeEvent} */
export const audioAppend = audio => ({ type: 'input_audio_buffer.append', audio });

export const audioCommit = () => event('input_audio_buffer.commit');

export const audioClear = () => event('input_audio_buffer.clear');

/** @param {string} id @param {'user'|'assistant'} role @param {string} text */
export const createText = (id, role, text) =>
  event('conversation.item.create', { item: { id, type: 'message', role, content: [{ type: role === 'user' ? 'input_text' : 'output_text', text }] } });

/** @param {string} itemId @param {number} contentIndex @param {number} audioEndMs */
export const truncateItem = (itemId, contentIndex, audioEndMs) =>
  event('conversation.item.truncate', { item_id: itemId, content_index: contentIndex, audio_end_ms: Math.max(0, Math.floor(audioEndMs)) });

export const createResponse = () => event('response.create');

export const cancelResponse = () => event('response.cancel');

/** Where the server holds what is still to be heard, that is dropped. */
export const outputClear = () => event('output_audio_buffer.clear');

/** Where the end of a connection alone could be a line that broke: we do not come back. @returns {RealtimeEvent} */
export const hangUp = () => ({ type: 'voicecarnival.hangup' });

/** @param {string} id @returns {RealtimeEvent} */
export const ping = id => ({ type: 'voicecarnival.ping', id });

/** @param {string} itemId @param {number} contentIndex @param {number} playedMs @returns {RealtimeEvent} */
export const playoutReport = (itemId, contentIndex, playedMs) => ({
  type: 'voicecarnival.playout', item_id: itemId, content_index: contentIndex, audio_played_ms: Math.max(0, Math.floor(playedMs)),
});

/** As the log may keep and copy it: no audio, no secret. @param {RealtimeEvent} event */
export function loggable(event) {
  return JSON.stringify(event, (key, value) => {
    if (typeof value !== 'string') return value;
    if (key === 'token' || key === 'value' || key === 'client_secret' || key === 'authorization') return '(secret)';
    const isAudio = key === 'audio' || (key === 'delta' && event.type === 'response.output_audio.delta');
    return isAudio ? `(${Math.floor(value.length * 0.75)} bytes)` : value;
  });
}
